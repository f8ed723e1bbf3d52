// Reads the example operations that the playground offers.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Example {
  /** The path of its file without the number and the extension, such as `snapshots/old-snapshots`. */
  readonly id: string
  /** The folder of its file. */
  readonly group: string
  /** The first line of the comment on top of the file. */
  readonly title: string
  /** The first sentence after it. */
  readonly description: string
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

/** The package's own examples. src/ and dist/ are at the same depth. */
export const examplesDirectory = fileURLToPath(new URL('../../../schema/operations/', import.meta.url))

/**
 * Reads one operation per file, in the order of their names; `<name>.json` beside `<name>.graphql` holds its variables.
 *
 * In read-only mode, mutations and examples that depend on their results are omitted. With a real vCenter all variables
 * are null, since they name objects of the simulator, and a change should be deliberate.
 */
export function readExamples(
  directory: string,
  { readOnly, isSimulator }: { readonly readOnly: boolean; readonly isSimulator: boolean },
): Example[] {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.graphql'))
    .sort()
  return paths
    .map((path) => readExample(directory, path))
    .filter((example) => !(readOnly && (example.kind === 'mutation' || dependsOnEarlierExample(example))))
    .map((example) => (isSimulator ? example : withoutValues(example)))
}

function readExample(directory: string, path: string): Example {
  const query = readFileSync(`${directory}/${path}`, 'utf8')
  const [, kind = 'query'] = /^(query|mutation|subscription)\b/m.exec(query) ?? []
  const { title, description } = readComment(query)
  const variables = readVariables(`${directory}/${path.replace(/\.graphql$/, '.json')}`)
  return {
    id: path.replace(/(^|\/)\d+-/g, '$1').replace(/\.graphql$/, ''),
    group: path.includes('/') ? dirname(path) : '',
    title,
    description,
    kind: kind as Example['kind'],
    query,
    ...(variables && { variables }),
  }
}

/** Parses the comment on top: the title, and after an empty line sentences. */
function readComment(query: string): { title: string; description: string } {
  const [title = '', text = ''] = query
    .slice(0, query.search(/^[^#]/m))
    .replace(/^# ?/gm, '')
    .split('\n\n')
    .map((paragraph) => paragraph.trim().replaceAll('\n', ' '))
  return { title, description: /^.*?\.(?= |$)/.exec(text)?.[0] ?? text }
}

function readVariables(path: string): Example['variables'] {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}

/** Whether a variable is null: its value comes from the result of another example. */
const dependsOnEarlierExample = ({ variables = {} }: Example): boolean =>
  Object.values(variables).includes(null)

function withoutValues({ variables, ...example }: Example): Example {
  if (variables === undefined) return example
  return { ...example, variables: Object.fromEntries(Object.keys(variables).map((name) => [name, null])) }
}
