// Runs the examples of the documents: an operation or a command that is directly followed by its response.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface Example {
  /** The operation or the command. */
  readonly source: string
  /** The documented response. It may leave out fields of the real one. */
  readonly response: object
}

/** Returns the blocks in a language that are followed by a JSON block, with at most one paragraph in between. */
export const examples = (text: string, language: string): Example[] =>
  [
    ...text.matchAll(
      new RegExp(
        `\`\`\`${language}\n((?:(?!\`\`\`)[^])*)\`\`\`\n\n(?:[^\n\`#].*\n\n)?\\s*\`\`\`json\n([^]*?)\`\`\``,
        'g',
      ),
    ),
  ].map(([, source, response]) => ({ source: source as string, response: JSON.parse(response as string) }))

/** Runs a command of a document in bash, with `url` in place of http://127.0.0.1:4000/graphql, and parses its output. */
export async function runCommand(command: string, url: string): Promise<unknown> {
  const script = command.replaceAll('http://127.0.0.1:4000/graphql', url)
  const { stdout } = await promisify(execFile)('bash', ['-e', '-c', script], {
    env: { PATH: process.env.PATH },
  })
  return JSON.parse(stdout)
}
