// vite would take graphql's ES modules for our sources while Node takes its CommonJS for the libraries: two schemas that
// do not know each other. Outside tests there is only Node's.

import { createRequire } from 'node:module'

export const oneGraphql = {
  alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
}
