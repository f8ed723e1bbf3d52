// The architecture: imports only point down, each external dependency is used in one place, and each file has a header comment.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const src = fileURLToPath(new URL('../src/', import.meta.url))

interface SourceFile {
  /** The path from src/ on, such as `planner/page.ts`. */
  readonly path: string
  readonly text: string
  /** The imports as written, distinguishing type imports. */
  readonly imports: readonly { readonly from: string; readonly typesOnly: boolean; readonly names: string }[]
}

/** All import forms: import and export from, side-effect imports, and import() of values and of types. */
const importForms =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?([^'"`;]*?)\s*from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g

function read(path: string): SourceFile {
  const text = readFileSync(join(src, path), 'utf8')
  const imports = [...text.matchAll(importForms)].map(([, type, names = '', from, forEffect, dynamic]) => ({
    from: from ?? forEffect ?? dynamic ?? '',
    typesOnly: type !== undefined || /^\{(\s*type [^,}]+,?)+\s*\}$/.test(names),
    names,
  }))
  return { path, text, imports }
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map(read)

/** The layer of a file: its first directory, or a module of the public API such as `index.ts`. */
const layerOf = (path: string): string => path.split('/', 1)[0] as string

/** The project files that each file imports, from src/ on. */
const ownImports = files.flatMap(({ path, imports }) =>
  imports
    .filter(({ from }) => from.startsWith('.'))
    .map((each) => ({
      ...each,
      importer: path,
      imported: relative(src, join(src, dirname(path), each.from)).replaceAll('\\', '/'),
    })),
)

/** The layers that each layer may import, beside itself, in the order in which a request passes through them. */
const below: Readonly<Record<string, readonly string[]>> = {
  'index.ts': ['config', 'server', 'simulator', 'transport', 'observability'],
  'testing.ts': ['config', 'server', 'simulator', 'observability'],
  cli: ['config', 'server', 'doctor', 'schema', 'observability', 'text', 'simulator'],
  doctor: [
    'config',
    'vcenter',
    'schema',
    'planner',
    'vapi',
    'vim25',
    'soap',
    'text',
    'transport',
    'concurrency',
  ],
  server: [
    'config',
    'vcenter',
    'schema',
    'observability',
    'planner',
    'vim25',
    'soap',
    'text',
    'transport',
    'concurrency',
  ],
  vcenter: [
    'config',
    'schema',
    'observability',
    'planner',
    'vapi',
    'vim25',
    'soap',
    'transport',
    'concurrency',
    // The embedded simulator, loaded only if no vCenter is configured.
    'simulator',
  ],
  schema: ['planner', 'vapi', 'vim25', 'soap', 'text', 'transport', 'concurrency'],
  planner: ['vim25', 'soap', 'text', 'transport', 'concurrency'],
  vapi: ['vim25', 'soap', 'transport', 'concurrency'],
  vim25: ['soap', 'text', 'transport', 'concurrency'],
  soap: ['text'],
  transport: [],
  config: ['transport', 'text', 'client'],
  simulator: ['config', 'soap', 'transport'],
  observability: ['text'],
  text: [],
  concurrency: [],
  // For bundles of other programs: imports nothing.
  client: [],
}

/**
 * The sub-folders of a layer, each of which may import the ones after it. Files directly in the layer's folder may import any
 * sub-folder, and any sub-folder may import those files.
 */
const within: Readonly<Record<string, readonly string[]>> = {
  server: ['downloads', 'execution', 'auth', 'request', 'playground', 'http', 'errors', 'telemetry'],
  schema: [
    'captures',
    'mutations',
    'changed-areas',
    'live',
    'inventory',
    'search',
    'tasks',
    'events',
    'history',
    'virtual-machine',
    'tags',
    'access',
    'alarms',
    'core',
    'execution',
    'cost',
    'errors',
  ],
  planner: ['descendants', 'property-collector'],
  vim25: ['history', 'tasks', 'updates', 'property-collector', 'changed-disk-areas', 'session'],
  simulator: [
    'datastore-files',
    'tagging',
    'service',
    'inventory',
    'virtual-machine',
    'custom-fields',
    'alarms',
    'history',
    'authorization',
    'disk',
  ],
  doctor: ['assumptions', 'checks'],
  config: ['options', 'access', 'vcenter', 'settings'],
  soap: ['xml', 'declarations'],
}

/** Existing imports against the order of sub-folders. */
const againstOrder = ['vim25/property-collector/property-collector.ts -> vim25/tasks/task-watcher.ts']

const subFolderOf = (path: string): string | undefined => {
  const [, folder, file] = path.split('/')
  return file === undefined ? undefined : folder
}

describe('imports', () => {
  it('are all found', () => {
    expect(ownImports.length).toBeGreaterThan(400)
    const known = new Set(files.map(({ path }) => path))
    expect(ownImports.filter(({ imported }) => !known.has(imported))).toEqual([])
    expect(Object.keys(below).sort()).toEqual([...new Set(files.map(({ path }) => layerOf(path)))].sort())
  })

  it('only point down', () => {
    const up = ownImports.filter(({ importer, imported }) => {
      const [from, to] = [layerOf(importer), layerOf(imported)]
      return from !== to && !below[from]?.includes(to)
    })
    expect(up.map(({ importer, imported }) => `${importer} -> ${imported}`)).toEqual([])
  })

  it('point down within a layer, except imports of types', () => {
    const up = ownImports.filter(({ importer, imported, typesOnly }) => {
      const [from, to] = [subFolderOf(importer), subFolderOf(imported)]
      if (typesOnly || layerOf(importer) !== layerOf(imported) || !from || !to || from === to) return false
      const order = within[layerOf(importer)] ?? []
      return !order.includes(from) || order.indexOf(from) > order.indexOf(to)
    })
    expect(up.map(({ importer, imported }) => `${importer} -> ${imported}`).sort()).toEqual(againstOrder)
  })

  it('never form a cycle of layers', () => {
    const reach = (layer: string, seen = new Set<string>()): Set<string> => {
      for (const next of below[layer] ?? []) if (!seen.has(next)) reach(next, seen.add(next))
      return seen
    }
    for (const layer of Object.keys(below)) expect(reach(layer)).not.toContain(layer)
  })

  it('never form a cycle of files, imports of types included', () => {
    const importedBy = new Map(files.map(({ path }) => [path, [] as string[]]))
    for (const { importer, imported } of ownImports) importedBy.get(importer)?.push(imported)
    const reachableFrom = (file: string, seen = new Set<string>()): Set<string> => {
      for (const next of importedBy.get(file) ?? []) if (!seen.has(next)) reachableFrom(next, seen.add(next))
      return seen
    }
    expect(files.map(({ path }) => path).filter((path) => reachableFrom(path).has(path))).toEqual([])
  })

  it.each([
    ['config', 'transport', ['transport/thumbprint.ts']],
    ['simulator', 'transport', ['transport/transport-error.ts']],
  ])('of %s from %s are types, except in %j', (from, to, allowed) => {
    const values = ownImports.filter(
      ({ importer, imported, typesOnly }) =>
        layerOf(importer) === from && layerOf(imported) === to && !typesOnly && !allowed.includes(imported),
    )
    expect(values.map(({ importer, imported, names }) => `${importer} -> ${names} of ${imported}`)).toEqual(
      [],
    )
  })

  it('of the simulator from other layers are loaded on demand', () => {
    const eager = files
      .filter(({ path }) => !['simulator', 'index.ts', 'testing.ts'].includes(layerOf(path)))
      .flatMap(({ path, text }) => (/^import[^(]*simulator\/index\.ts/m.test(text) ? [path] : []))
    expect(eager).toEqual([])
  })
})

describe('external dependencies', () => {
  const importersOf = (name: string) =>
    files
      .filter(({ imports }) => imports.some(({ from }) => from === name || from.startsWith(`${name}/`)))
      .map(({ path }) => path)

  it('use fast-xml-parser only in soap/xml/xml.ts', () => {
    expect(importersOf('fast-xml-parser')).toEqual(['soap/xml/xml.ts'])
  })

  it('are not used in client/, which browsers bundle', () => {
    const outside = files
      .filter(({ path }) => layerOf(path) === 'client')
      .flatMap(({ imports }) => imports.map(({ from }) => from).filter((from) => !from.startsWith('./')))
    expect(outside).toEqual([])
  })

  it('use saxes only in tests and in the benchmark', () => {
    expect(importersOf('saxes')).toEqual([])
  })

  it.each([
    ['undici', ['transport']],
    ['graphql-yoga', ['server']],
    ['jose', ['server']],
    ['@pothos/core', ['schema']],
    ['dataloader', ['planner']],
    ['zod', ['config']],
    ['selfsigned', ['simulator']],
    ['pino', ['observability']],
    ['prom-client', ['observability']],
    ['@opentelemetry', ['observability']],
  ])('%s is used only in %j', (name, layers) => {
    const importers = importersOf(name)
    expect(importers.length).toBeGreaterThan(0)
    expect([...new Set(importers.map(layerOf))]).toEqual(layers)
  })

  it('use graphql below schema/ only in the planner, which reads selections', () => {
    const importers = importersOf('graphql')
    expect(
      importers.filter((path) => ['vim25', 'soap', 'transport', 'simulator'].includes(layerOf(path))),
    ).toEqual([])
    expect(importers.filter((path) => layerOf(path) === 'planner')).toEqual(['planner/selection.ts'])
  })

  it('read the environment only in config/, and the process only in the command line', () => {
    const using = (pattern: RegExp) => files.filter(({ text }) => pattern.test(text)).map(({ path }) => path)
    expect(using(/process\s*\.\s*env|process\[|from 'node:process'/).map(layerOf)).toEqual(['config'])
    expect([...new Set(using(/\bprocess\.(?!env)\w/).map(layerOf))].sort()).toEqual([
      'cli',
      'server',
      'testing.ts',
    ])
    expect(
      using(/\bprocess\.(?!env|stderr)\w/)
        .map(layerOf)
        .every((layer) => layer === 'cli'),
    ).toBe(true)
  })

  it('never write to the console', () => {
    expect(files.filter(({ text }) => /\bconsole\./.test(text)).map(({ path }) => path)).toEqual([])
  })
})

it('does not combine signals with AbortSignal.any, which leaks on Node 20', () => {
  // The call, not the comments that explain this.
  expect(files.filter(({ text }) => /AbortSignal\.any\(/.test(text)).map(({ path }) => path)).toEqual([])
})

describe('a file', () => {
  it('has a kebab-case name that describes its purpose', () => {
    const names = files.flatMap(({ path }) => path.split('/'))
    expect(names.filter((name) => /^(utils?|helpers?|common|misc)(\.ts)?$/.test(name))).toEqual([])
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.ts)?$/.test(name))).toEqual([])
  })

  it('shares its folder with at most 16 others', () => {
    const counts = new Map<string, number>()
    for (const { path } of files) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
    expect([...counts].filter(([, count]) => count > 17)).toEqual([])
  })

  it('starts with a comment that describes its purpose', () => {
    const silent = files.filter(({ text }) => !text.replace(/^#!.*\n/, '').startsWith('// '))
    expect(silent.map(({ path }) => path)).toEqual([])
  })
})
