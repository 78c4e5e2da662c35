FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY pipelines pipelines
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# Plain SQL and connector files are read where they lie.
COPY --from=build /app/src/database src/database
COPY --from=build /app/pipelines pipelines
COPY debezium debezium
USER node
EXPOSE 8080 8081
ENTRYPOINT ["node", "dist/src/cli/main.js"]
