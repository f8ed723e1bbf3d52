// Builds the playground into dist/playground, unless its inputs are those of the last build. The gateway serves the compressed
// assets.

import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const pathOf = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const target = pathOf('dist/playground')
/** Has the digest of the inputs of the last build. */
const record = pathOf('dist/.playground-inputs')

/** The lock file has the versions of all libraries. */
function digestOfInputs() {
  const hash = createHash('sha256')
  const files = readdirSync(pathOf('playground'), { recursive: true })
    .map((name) => join('playground', name))
    .filter((name) => statSync(pathOf(name)).isFile())
    .sort()
  for (const name of [...files, 'package-lock.json', 'scripts/build-playground.mjs'])
    hash
      .update(`${name}\0`)
      .update(readFileSync(pathOf(name)))
      .update('\0')
  return hash.digest('hex')
}

async function buildInto(directory) {
  // Takes longer to load than everything else here, so it is loaded only if needed.
  const { build } = await import('vite')
  const configFile = pathOf('playground/vite.config.ts')
  await build({ configFile, logLevel: 'warn', build: { outDir: directory, emptyOutDir: true } })
  const assets = join(directory, 'assets')
  for (const name of readdirSync(assets)) {
    const path = join(assets, name)
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }))
    rmSync(path)
  }
}

/** Replaces the last build. Another build may do the same at any moment. */
function replaceTarget(unfinished) {
  const replaced = `${target}.${process.pid}.old`
  for (let attempt = 1; ; attempt += 1) {
    rmSync(replaced, { recursive: true, force: true })
    try {
      if (existsSync(target)) renameSync(target, replaced)
      return renameSync(unfinished, target)
    } catch (error) {
      if (attempt === 5 || !['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error
    } finally {
      rmSync(replaced, { recursive: true, force: true })
    }
  }
}

const digest = digestOfInputs()
const isCurrent =
  existsSync(join(target, 'index.html')) && existsSync(record) && readFileSync(record, 'utf8') === digest
if (!isCurrent) {
  // A gateway that starts during the build finds a complete playground, and so does a second build.
  const unfinished = `${target}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  try {
    await buildInto(unfinished)
    replaceTarget(unfinished)
    writeFileSync(record, digest)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}
