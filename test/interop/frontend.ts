// Builds a sample frontend of test/interop/clients/ as its developer does, and serves it to a browser.

import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type RunningProgram, startProgram } from './child-process.ts'
import { clientPackages } from './tools.ts'

const top = fileURLToPath(new URL('../../', import.meta.url))
const samples = fileURLToPath(new URL('clients/', import.meta.url))
const run = promisify(execFile)

/** The gateway in the samples' configuration. */
const documentedGateway = 'http://127.0.0.1:4000'

export type Library = 'apollo' | 'urql' | 'relay'

/** Writes operations and types from the schema. */
const compilers: Readonly<Record<Library, string>> = {
  apollo: 'graphql-codegen',
  urql: 'graphql-codegen',
  relay: 'relay-compiler',
}

/** Installs this package beside those of the samples, from its archive, as a consumer gets it. */
export async function installPackage(): Promise<void> {
  const target = join(clientPackages, 'node_modules/vsphere-graphql')
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target)
  const { stdout } = await run(
    'npm',
    ['pack', '--ignore-scripts', '--silent', '--pack-destination', target],
    {
      cwd: top,
    },
  )
  const archive = stdout.trim().split('\n').at(-1) as string
  await run('tar', ['-xzf', archive, '--strip-components=1'], { cwd: target })
}

export interface BuiltFrontend {
  /** The file of persisted operations that the compiler has written; exists only with `persisted`. */
  readonly persistedFile: string
  /** Serves it on the port, with the proxy of its configuration. */
  serve(port: number): Promise<RunningProgram>
}

/** The files of persisted operations. */
const persistedFiles: Readonly<Record<Library, string>> = {
  apollo: 'src/gql/persisted-documents.json',
  urql: 'src/gql/persisted-documents.json',
  relay: 'persisted.json',
}

interface BuildOptions {
  /** The address of the gateway, without a path. */
  readonly gateway: string
  /** Whether the page sends its requests to the gateway and not to its own server, which is a proxy. */
  readonly crossOrigin?: boolean
  /** Whether the page sends ids instead of documents. */
  readonly persisted?: boolean
}

/** Compiles the operations, checks the types and bundles the page. Throws with the output of a step that fails. */
export async function buildFrontend(
  library: Library,
  { gateway, crossOrigin = false, persisted = false }: BuildOptions,
): Promise<BuiltFrontend> {
  const folders = ['shared', library, ...(persisted ? [`${library}-persisted`] : [])]
  const cwd = join(clientPackages, 'samples', folders.at(-1) as string)
  rmSync(cwd, { recursive: true, force: true })
  for (const folder of folders) cpSync(join(samples, folder), cwd, { recursive: true })
  symlinkSync('../../node_modules', join(cwd, 'node_modules'))
  edit(join(cwd, 'vite.config.ts'), documentedGateway, gateway)
  const env = {
    ...process.env,
    // With the warnings that libraries print during development.
    NODE_ENV: 'development',
    NO_COLOR: '1',
    ...(crossOrigin && { VITE_GATEWAY: `${gateway}/graphql` }),
  }
  const tool = async (name: string, ...argv: string[]) => {
    try {
      await run(process.execPath, [join('node_modules', binaryOf(name)), ...argv], { cwd, env })
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string }
      throw new Error(`${library}: ${name} ${argv.join(' ')} failed:\n${stdout}${stderr}`)
    }
  }
  await tool(compilers[library])
  await tool('tsc')
  await tool('vite', 'build', '--mode', 'development')
  const vite = join(cwd, 'node_modules', binaryOf('vite'))
  return {
    persistedFile: join(cwd, persistedFiles[library]),
    serve: (port) =>
      startProgram(
        process.execPath,
        [vite, 'preview', cwd, '--host', '127.0.0.1', '--port', String(port), '--strictPort'],
        /http:\/\/127\.0\.0\.1:\d+\//,
        env,
      ),
  }
}

/** Replaces the first occurrence of a string in a file, which must have one. */
function edit(path: string, from: string, to: string): void {
  const content = readFileSync(path, 'utf8')
  if (!content.includes(from)) throw new Error(`${path} has no ${from}`)
  writeFileSync(path, content.replace(from, to))
}

/** Returns the script of a tool, so that no shell is needed to run it. */
function binaryOf(name: string): string {
  const packages: Readonly<Record<string, string>> = {
    'graphql-codegen': '@graphql-codegen/cli',
    tsc: 'typescript',
  }
  const folder = packages[name] ?? name
  const { bin } = JSON.parse(
    readFileSync(join(clientPackages, 'node_modules', folder, 'package.json'), 'utf8'),
  )
  return join(folder, typeof bin === 'string' ? bin : bin[name])
}

/** Returns a port that is free at present. The system gives none below 32768 to a server or a connection, so it remains free. */
export async function freePort(): Promise<number> {
  const port = randomInt(20_000, 32_768)
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return freePort()
  }
  server.close()
  await once(server, 'close')
  return port
}
