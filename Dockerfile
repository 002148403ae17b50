# syntax=docker/dockerfile:1
# One file, one target a service:
#
#     docker build --target registry-service -t corridor/registry-service .
#     docker build --target matcher-service  -t corridor/matcher-service .
#
# The images hold one program and no shell; they run as nobody's user, and their root file system can be read-only.

FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
# The caches outlive the layer, so an edited source rebuilds its own crate only.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --package registry-service --package matcher-service \
    && mkdir -p /out/data \
    && cp target/release/registry-service target/release/matcher-service /out/

FROM gcr.io/distroless/cc-debian12:nonroot AS registry-service
COPY --from=build /out/registry-service /registry-service
# A volume mounted here is writable for the user that the service runs as.
COPY --from=build --chown=65532:65532 /out/data /data
ENV REGISTRY__SERVER__LISTEN=0.0.0.0:50051 \
    REGISTRY__DATABASE__URL=sqlite:///data/corridor.db \
    REGISTRY__TELEMETRY__FORMAT=json
VOLUME /data
EXPOSE 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["/registry-service", "health"]
ENTRYPOINT ["/registry-service"]
CMD ["serve"]

FROM gcr.io/distroless/cc-debian12:nonroot AS matcher-service
COPY --from=build /out/matcher-service /matcher-service
ENV MATCHER__SERVER__LISTEN=0.0.0.0:50052 \
    MATCHER__TELEMETRY__FORMAT=json
EXPOSE 50052
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["/matcher-service", "health"]
ENTRYPOINT ["/matcher-service"]
CMD ["serve"]
