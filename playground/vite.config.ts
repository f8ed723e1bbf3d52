// Builds the playground into dist/playground, from where the gateway serves it under /playground/.

import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const directory = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: directory('.'),
  base: '/playground/',
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    outDir: directory('../dist/playground'),
    emptyOutDir: true,
    // A data: URL would need an exception in the Content-Security-Policy for each kind of asset.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 8000,
    modulePreload: { polyfill: false },
  },
})
