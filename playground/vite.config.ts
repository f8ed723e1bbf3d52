// Builds the playground; scripts/build-playground.mjs compresses the result, and the gateway serves it under /playground/.
// `npx vite --config playground/vite.config.ts` serves it during development, on top of a running gateway.

import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const directory = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The gateway that serves operations during development. */
const gateway = process.env.GATEWAY ?? 'http://127.0.0.1:4000'

/** Takes the settings from the page that the gateway serves. */
function gatewaySettings(): Plugin {
  const block = /(<script type="application\/json" id="playground-settings">)(.*?)(<\/script>)/s
  return {
    name: 'gateway-settings',
    apply: 'serve',
    async transformIndexHtml(html) {
      const response = await fetch(`${gateway}/graphql`, { headers: { accept: 'text/html' } })
      const settings = block.exec(await response.text())?.[2] ?? '{}'
      return html.replace(block, (_, start, _content, end) => `${start}${settings}${end}`)
    },
  }
}

/** GraphiQL prints the kind of each worker that it starts to the console. */
function quietWorkers(): Plugin {
  return {
    name: 'quiet-workers',
    apply: 'build',
    transform: {
      filter: { id: /setup-workers\/vite\.js$/ },
      handler: (code) => code.replace(/^\s*console\.info\(.*$/m, ''),
    },
  }
}

export default defineConfig({
  root: directory('.'),
  base: '/playground/',
  plugins: [react(), gatewaySettings(), quietWorkers()],
  worker: { format: 'es' },
  server: { proxy: { '/graphql': { target: gateway, changeOrigin: true, headers: { origin: gateway } } } },
  build: {
    outDir: directory('../dist/playground'),
    emptyOutDir: true,
    // A data: URL would need an exception in the Content-Security-Policy for each kind of asset.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 8000,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The directives of React's compiler in GraphiQL's files mean nothing to a bundler.
      checks: { moduleLevelDirective: false },
      output: {
        codeSplitting: {
          // GraphiQL and what it imports; so the other file has only what we add, whose size a test limits.
          groups: [
            {
              name: 'graphiql',
              tags: ['$initial'],
              test: /node_modules\/(graphiql|@graphiql|graphql|react|react-dom)\//,
            },
          ],
        },
      },
    },
  },
})
