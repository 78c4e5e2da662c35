# One image for every role: `docker run tandem-sync ingest blog`, `… worker blog`, `… serve dialler`, `… migrate blog`.
# It writes nothing to its own file system: run it read-only.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY pipelines pipelines
# Temporal's native part comes for every system; 90 MB are of others.
RUN npm run bundle && npm prune --omit=dev \
  && rm -r node_modules/@temporalio/core-bridge/releases/*-apple-darwin node_modules/@temporalio/core-bridge/releases/*-windows-msvc

FROM node:24-bookworm-slim
# Temporal's client trusts the authorities of the system, and a first process is deaf to signals it does not handle.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates dumb-init \
  && rm -rf /var/lib/apt/lists/*
# What it listens on is the container's own.
ENV NODE_ENV=production HTTP_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# Plain SQL and connector files are read where they lie.
COPY --from=build /app/src/database src/database
COPY --from=build /app/pipelines pipelines
COPY debezium debezium
# By number, since Kubernetes cannot tell of a name that it is not root's.
USER 1000:1000
EXPOSE 8080 8081 8082
HEALTHCHECK --interval=30s --timeout=10s --retries=3 --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT || 8081}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["dumb-init", "--", "node", "dist/src/cli/main.js"]
