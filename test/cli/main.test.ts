// Tests the built executable; `npm test` builds it first.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const bin = `${root}dist/cli/main.js`

const start = (...argv: string[]) => startCommand(process.execPath, bin, ...argv)

function startCommand(command: string, ...argv: string[]) {
  const child: ChildProcess = spawn(command, argv, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const written = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk) => {
    written.stdout += String(chunk)
  })
  child.stderr?.on('data', (chunk) => {
    written.stderr += String(chunk)
  })
  return {
    child,
    written,
    ended: once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    /** Resolves when stdout contains the string. */
    until: async (text: string) => {
      while (!written.stdout.includes(text)) await once(child.stdout as NodeJS.ReadableStream, 'data')
    },
  }
}

describe('the executable', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('logs out when npm start gets %s', async (signal) => {
    const { child, written, ended, until } = startCommand(
      'npm',
      'start',
      '--ignore-scripts',
      '--',
      '--port',
      '0',
    )
    await until('GraphiQL: ')
    await expect.poll(() => written.stderr).toContain('"msg":"simulator: logged in')
    child.kill(signal)
    await ended
    expect(written.stdout).toContain(
      signal === 'SIGINT' ? 'Shutting down; press Ctrl-C again to force.\n' : 'Shutting down.\n',
    )
    expect(written.stderr).toContain('"msg":"simulator: logged out as user"')
    expect(written.stderr).toContain('"msg":"stopped"')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'reports that it uses the simulator, serves, and exits cleanly on %s',
    async (signal) => {
      const { child, written, ended, until } = start('--port', '0')
      await until('GraphiQL: ')
      const [first, second] = written.stdout.split('\n')
      expect(first).toContain('EMBEDDED SIMULATOR')
      const answer = await fetch(second?.replace('GraphiQL: ', '') ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ vcenters { name connected } }"}',
      })
      expect(await answer.json()).toEqual({ data: { vcenters: [{ name: 'simulator', connected: true }] } })
      child.kill(signal)
      expect(await ended).toEqual([0, null])
      const message = signal === 'SIGINT' ? 'shutting down; press Ctrl-C again to force' : 'shutting down'
      expect(written.stdout.split('\n').at(-2)).toBe(`S${message.slice(1)}.`)
      const logged = written.stderr.trimEnd().split('\n')
      expect(logged.map((line) => JSON.parse(line).msg)).toEqual([
        'started',
        expect.stringMatching(/^simulator: logged in as user to /),
        'operation',
        message,
        'simulator: logged out as user',
        'stopped',
      ])
    },
  )

  it('exits with 2 and one line when a setting is invalid', async () => {
    const { ended, written } = start('--prot', '0')
    expect(await ended).toEqual([2, null])
    expect(written).toEqual({
      stdout: '',
      stderr: 'vsphere-graphql: unknown flag --prot; did you mean --port?\n',
    })
  })

  it('does not accept connections from other machines by default', async () => {
    const { ended, written } = start('--host', '0.0.0.0')
    expect(await ended).toEqual([2, null])
    expect(written).toEqual({
      stdout: '',
      stderr:
        'vsphere-graphql: --host (HOST) exposes the gateway to other machines without authentication: set --auth token, jwt or vsphere, or allow it with --allow-anonymous\n',
    })
  })

  it('continues to serve when its log is closed, and exits with the correct code', async () => {
    const { child, written, ended, until } = start('--port', '0')
    await until('GraphiQL: ')
    child.stderr?.destroy()
    const url = /GraphiQL: (\S+)/.exec(written.stdout)?.[1] ?? ''
    const execute = async () => {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ vcenters { name } }"}',
      })
      return answer.json()
    }
    for (let time = 0; time < 3; time += 1)
      expect(await execute()).toEqual({ data: { vcenters: [{ name: 'simulator' }] } })
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })

  it('tolerates a reader that closes its output early', async () => {
    const { child, ended } = start('print-schema')
    child.stdout?.destroy()
    expect((await ended)[1]).toBeNull()
  })
})
