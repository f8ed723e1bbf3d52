// Starts a gateway with the command line's settings on its own simulator, over real sockets, with files that a test can change.

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadServeConfig } from '../../../src/config/config.ts'
import type { LogFields } from '../../../src/observability/log.ts'
import { startServer } from '../../../src/server/start-server.ts'
import { createSimulator, type Simulator } from '../../../src/simulator/index.ts'
import { certificates } from '../../transport/certificates.ts'

export interface AuthenticatedGateway {
  readonly url: string
  readonly simulator: Simulator
  /** Everything logged and answered so far. */
  readonly reported: readonly string[]
  /** Resolves with the first log line that contains the string. */
  logged(text: string): Promise<string>
  execute(requested?: GraphqlResponse): Promise<Answer>
  stop(): Promise<void>
}

export interface GraphqlResponse {
  /** Sent as a bearer token. */
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** @default POST if there is a body */
  readonly method?: string
  /** @default the endpoint */
  readonly path?: string
  /** Sent as JSON. @default a query that makes no vCenter call */
  readonly body?: unknown
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** The first result in a body of JSON or server-sent events. */
  // biome-ignore lint/suspicious/noExplicitAny: tests check the shape of a response
  readonly result: any
}

/** A directory of files for one test file. */
export function temporaryFiles() {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-'))
  const pathOf = (name: string) => join(directory, name)
  return {
    pathOf,
    /** Writes a file atomically, as a careful operator does, and returns its path. */
    write(name: string, text: string): string {
      writeFileSync(pathOf(`${name}.new`), text)
      renameSync(pathOf(`${name}.new`), pathOf(name))
      return pathOf(name)
    },
    remove: (name: string) => rmSync(pathOf(name)),
    clear: () => rmSync(directory, { recursive: true }),
  }
}

export async function startAuthenticatedGateway(...flags: string[]): Promise<AuthenticatedGateway> {
  const simulator = createSimulator({ tasks: { queuedMs: 0, durationMs: 0 } })
  const { url: vcenter } = await simulator.listen()
  const reported: string[] = []
  const watchers = new Set<() => void>()
  const add = (line: string, fields?: LogFields) => {
    reported.push(fields ? `${line} ${JSON.stringify(fields)}` : line)
    for (const watcher of watchers) watcher()
  }
  const argv = ['--port', '0', '--url', vcenter, '--username', 'user', ...flags]
  const config = loadServeConfig({ argv, env: { VSPHERE_PASSWORD: 'pass' } })
  const write = (line: string, fields?: LogFields) => add(fields ? `${line} ${JSON.stringify(fields)}` : line)
  const server = await startServer(
    config,
    { info: write, warn: write, error: write },
    { filePollIntervalMs: 100 },
  )
  return {
    url: server.url,
    simulator,
    reported,
    logged: (text) =>
      new Promise((resolve) => {
        const watcher = () => {
          const line = reported.find((each) => each.includes(text))
          if (line === undefined) return
          watchers.delete(watcher)
          resolve(line)
        }
        watchers.add(watcher)
        watcher()
      }),
    async execute(requested) {
      const answer = await send(server.url, requested)
      reported.push(JSON.stringify(answer))
      return answer
    },
    async stop() {
      await server.stop()
      await simulator.close()
    },
  }
}

function send(
  endpoint: string,
  { token, headers, body, path, method }: GraphqlResponse = {},
): Promise<Answer> {
  const url = new URL(path ?? '', endpoint)
  const verb = method ?? (path === undefined ? 'POST' : 'GET')
  const options = {
    method: verb,
    agent: false as const,
    ca: certificates.authority.cert,
    headers: {
      ...(verb === 'POST' && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
  }
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, (response) => {
      let text = ''
      const isStream = response.headers['content-type']?.startsWith('text/event-stream')
      const end = () => {
        const data = text.startsWith('{') ? text : isStream && /^data: ?(\{.*)$/m.exec(text)?.[1]
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          result: data && JSON.parse(data),
        })
      }
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        // A subscription never ends by itself, so its first event is enough.
        if (!isStream || !/^event: next\ndata: .*\n\n/m.test(text)) return
        end()
        request.destroy()
      })
      response.on('end', end)
    })
    request.on('error', reject)
    request.end(verb === 'POST' ? JSON.stringify(body ?? { query: '{ vcenters { name } }' }) : undefined)
  })
}
