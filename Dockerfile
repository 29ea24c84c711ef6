# The image of obsvty: docs/containers.md says how to build and run it.
FROM node:26-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && chmod +x dist/main.js && npm prune --omit=dev

FROM node:26-slim
WORKDIR /opt/obsvty
COPY --from=build /src/package.json /src/LICENSE ./
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/gen/*.wasm gen/
COPY --from=build /src/dist dist
RUN ln -s /opt/obsvty/dist/main.js /usr/local/bin/obsvty
USER node
EXPOSE 4317 4318
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s CMD ["obsvty", "health"]
ENTRYPOINT ["obsvty"]
