// Tests docs/performance.md: its commands use existing flags.

import { expect, it } from 'vitest'
import { blocks, read } from './markdown.ts'

const commands = blocks(read('docs/performance.md'), 'sh').flatMap((block) => block.split('\n'))

it.each([
  ['npm run bench', ['bench/main.ts']],
  ['npm run soak', ['soak/flags.ts', 'soak/adversary.ts', 'src/config/settings/vcenter-settings.ts']],
])('passes only existing flags to %s', (script, files) => {
  const sources = files.map(read).join('\n')
  const flags = commands
    .filter((line) => line.includes(script))
    .flatMap((line) => [...line.matchAll(/--([a-z]+)/g)].map(([, name]) => name as string))
  expect(flags.length).toBeGreaterThan(3)
  for (const flag of flags) expect(sources).toContain(`  ${flag}: {`)
})
