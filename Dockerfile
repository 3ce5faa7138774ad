# An image of zonebridge that runs without root. Configuration in /etc/zonebridge, data in /var/lib/zonebridge:
#   docker build -t zonebridge .
#   docker run -v ./zonebridge.yaml:/etc/zonebridge/zonebridge.yaml:ro -v data:/var/lib/zonebridge … zonebridge
# docker-compose.yml shows two zones behind a balancer. docs/licences.md: what handing on such an image means.

FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends npm ca-certificates
WORKDIR /opt/zonebridge
# First what the slow steps read, so that they come from Docker's cache while only other sources change.
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
COPY media/native media/native
COPY web web
COPY signaling/web/protocol.ts signaling/web/protocol.ts
COPY zones/prompts zones/prompts
RUN ZONEBRIDGE_OMIT_DEV=1 scripts/setup.sh && rm -rf node_modules/mediasoup/worker build/log
COPY . .

FROM debian:12-slim
# What the addon and the media worker are linked with (see ldd build/zonebridge.node build/mediasoup-worker), and letters for
# the names of people in any script.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates libopus0 libavcodec59 libavutil57 libvpx7 libopenh264-7 libyuv0 \
    libpango-1.0-0 libpangocairo-1.0-0 libcairo2 libsrtp2-1 libnettle8 libuv1 libssl3 libabsl20220623 \
    fonts-dejavu-core fonts-noto-core fonts-wqy-microhei fonts-symbola \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --home-dir /var/lib/zonebridge --create-home zonebridge
COPY --from=build /opt/zonebridge /opt/zonebridge
ENV MEDIASOUP_WORKER_BIN=/opt/zonebridge/build/mediasoup-worker
USER zonebridge
WORKDIR /opt/zonebridge
VOLUME /var/lib/zonebridge
# SIP over TLS and HTTPS. Media ports are those the configuration names; publish them as UDP.
EXPOSE 5061 8443
# No shell in between, so that `docker stop` reaches the program, which then ends its calls properly.
ENTRYPOINT ["node_modules/node/bin/node", "src/main.ts"]
CMD ["start", "--config", "/etc/zonebridge/zonebridge.yaml", "--data", "/var/lib/zonebridge"]
