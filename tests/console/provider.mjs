// A real OpenID provider for the tests: login and consent as forms, groups in the ID token.
// Arguments: port, folder of node_modules, JSON {client_id, client_secret, redirect_uris, logout_uris, people}.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [port, modules, settings] = process.argv.slice(2);
const { client_id, client_secret, redirect_uris, logout_uris, people } = JSON.parse(settings);
const where = createRequire(`${modules}/`).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(where));

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id,
      client_secret,
      redirect_uris,
      post_logout_redirect_uris: logout_uris,
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub", "groups", "name", "preferred_username"], profile: [], email: ["email"] },
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  pkce: { required: () => true },
  cookies: { keys: ["for tests alone"] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, preferred_username: id, email: `${id}@company.example`, groups: people[id] ?? [] }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => process.stdout.write("listening\n"));
