// node apollo.mjs SUPERGRAPH PORT: Apollo's gateway library in Apollo Server, passing on the header x-caller.
import { readFileSync } from "node:fs";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const [supergraph, port] = process.argv.slice(2);

class Subgraph extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    if (context.caller) request.http.headers.set("x-caller", context.caller);
  }
}

const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(supergraph, "utf8"),
  buildService: ({ url }) => new Subgraph({ url }),
});
await startStandaloneServer(new ApolloServer({ gateway }), {
  listen: { host: "127.0.0.1", port: Number(port) },
  context: async ({ req }) => ({ caller: req.headers["x-caller"] }),
});
