// The built playground, as the gateway sends it: its size, and what it leaves out.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

const assets = new URL('../../../dist/playground/assets/', import.meta.url)
const sizes = new Map(readdirSync(assets).map((name) => [name, statSync(new URL(name, assets)).size]))
const sum = (names: readonly string[]): number => names.reduce((total, name) => total + sizes.get(name)!, 0)

it('is at most 2.7 MB, of which at most 500 KB are what we add to GraphiQL', () => {
  const names = [...sizes.keys()]
  expect(names.every((name) => name.endsWith('.gz'))).toBe(true)
  expect(sum(names)).toBeLessThan(2_700_000)
  // The libraries of the result views are in the entry too: everything but GraphiQL, React and what these load.
  const added = names.filter((name) => /^index-[^.]*\.(js|css)\.gz$/.test(name))
  expect(added).toHaveLength(2)
  expect(sum(added)).toBeLessThan(500_000)
  expect(sum(added)).toBeGreaterThan(30_000)
})

it('prints nothing to the console for each worker, as GraphiQL does', () => {
  const scripts = [...sizes.keys()].filter((name) => name.endsWith('.js.gz'))
  const textOf = (name: string) => gunzipSync(readFileSync(new URL(name, assets))).toString()
  expect(scripts.some((name) => textOf(name).includes('MonacoEnvironment'))).toBe(true)
  expect(scripts.filter((name) => textOf(name).includes('setup-workers/vite'))).toEqual([])
})
