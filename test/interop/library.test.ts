// Installs the packed package into a project of its own, as a consumer does: without warnings, with strict types, in Node and in
// vitest. Needs a registry, or npm's cache.

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocks, read, section } from '../docs/markdown.ts'

const top = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)
const project = mkdtempSync(join(tmpdir(), 'consumer-'))
// Ignores a developer's own settings, which may cause npm warnings.
const env = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  NPM_CONFIG_USERCONFIG: '/dev/null',
  NO_COLOR: '1',
}
const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier']
const inProject = (command: string, ...args: string[]) => run(command, args, { cwd: project, env })
const program = (name: string, ...args: string[]) => inProject('npx', '--no-install', name, ...args)

const { version, devDependencies } = JSON.parse(read('package.json'))
const tools = ['typescript', '@types/node', 'vitest', 'publint']
const docs = read('docs/library.md')
const [testing = ''] = blocks(section(docs, '## Tests'), 'ts')
const oneCopy = blocks(section(docs, '### Two copies of graphql'), 'js')[0] ?? ''

beforeAll(async () => {
  // As in the script prepack, which would build again.
  const introspection = await run(process.execPath, ['dist/cli/main.js', 'print-schema', '--introspection'], {
    cwd: top,
    maxBuffer: 100_000_000,
  })
  // In one step: other tests pack and copy the folder meanwhile.
  const unfinished = join(top, 'node_modules/.introspection.json')
  writeFileSync(unfinished, introspection.stdout)
  renameSync(unfinished, join(top, 'schema/introspection.json'))
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { cwd: top, env })
  const manifest = { name: 'consumer', version: '1.0.0', private: true, type: 'module' }
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
})

afterAll(() => rmSync(project, { recursive: true }))

describe('a consumer', { timeout: 900_000 }, () => {
  it('installs the package without warnings, deprecated packages or other engines', async () => {
    const { stdout, stderr } = await inProject('npm', 'install', ...quiet, `./vsphere-graphql-${version}.tgz`)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/added \d+ packages/)
    const { stdout: list } = await inProject('npm', 'ls', '--all', '--parseable', 'graphql')
    expect(list.match(/node_modules\/graphql$/gm)).toHaveLength(1)
    const specs = tools.map((name) => `${name}@${devDependencies[name] ?? 'latest'}`)
    await inProject('npm', 'install', ...quiet, ...specs)
  })

  it('compiles with strict settings, and checks the declarations of the package', async () => {
    mkdirSync(join(project, 'src'))
    cpSync(join(top, 'test/interop/consumer'), join(project, 'src'), { recursive: true })
    writeFileSync(join(project, 'src/example.test.ts'), testing)
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      module: 'nodenext',
      target: 'es2023',
      types: ['node'],
      rootDir: 'src',
      outDir: 'out',
    }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }))
    const { stdout } = await program('tsc').catch((error) => error)
    expect(stdout).toBe('')
  })

  it('runs createGateway, createSimulator, createTestGateway and startServer in Node', async () => {
    const { stdout } = await inProject(process.execPath, 'out/types.js')
    const [error, response, , test, path] = stdout.trim().split('\n')
    expect(error).toBe('ConfigError')
    expect(response).toBe('{"data":{"virtualMachines":{"totalCount":4}}}')
    expect(test).toBe('READER undefined')
    expect(path).toBe('/graphql')
  })

  it('runs the documented test in vitest', async () => {
    const { stdout } = await program('vitest', 'run', 'src')
    expect(stdout).toMatch(/Tests +2 passed/)
  })

  it('runs it with the documented configuration if vitest transforms the package', async () => {
    const inline = (config: string) =>
      config.replace(
        'defineConfig({',
        "defineConfig({ test: { server: { deps: { inline: ['vsphere-graphql'] } } },",
      )
    const bare = "import { defineConfig } from 'vitest/config'\nexport default defineConfig({})\n"
    const path = join(project, 'vitest.config.js')
    writeFileSync(path, inline(bare))
    const { stderr } = await program('vitest', 'run', 'src').catch((error) => error)
    expect(stderr).toContain('from another module or realm')
    writeFileSync(path, inline(oneCopy))
    const { stdout } = await program('vitest', 'run', 'src')
    expect(stdout).toMatch(/Tests +2 passed/)
  })

  it('finds no fault in the manifest with publint', async () => {
    const { stdout } = await program('publint', `./vsphere-graphql-${version}.tgz`, '--strict')
    expect(stdout).toContain('All good!')
  })

  it('has the command of the program', async () => {
    expect((await program('vsphere-graphql', '--version')).stdout.trim()).toBe(version)
  })
})
