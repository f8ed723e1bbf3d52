import { describe, expect, it } from 'vitest'
import { runServe } from '../../src/cli/serve.ts'
import type { ServeConfig } from '../../src/config/config.ts'
import { testContext } from './test-context.ts'

/** Serves with a gateway that only notes what it is told; what a gateway does is gateway/'s to test. */
async function serve(argv: string, env: Record<string, string> = {}) {
  const { context, written, signal, until } = testContext(argv, env)
  const told: { config?: ServeConfig; stopped?: true } = {}
  const done = runServe(context, async () => ({
    async startServer(config) {
      told.config = config
      return {
        url: `http://${config.host}:${config.port}/graphql`,
        stop: async () => {
          told.stopped = true
        },
      }
    },
  }))
  await until('GraphiQL')
  signal('SIGINT')
  await done
  return { lines: written.stdout.split('\n'), ...told }
}

const login = { VSPHERE_USERNAME: 'root', VSPHERE_PASSWORD: 'hunter2' }

describe('serve', () => {
  it.each<[string, Record<string, string>, string]>([
    ['', {}, '*** EMBEDDED SIMULATOR, not a real vCenter; --url (VSPHERE_URL) names one ***'],
    ['--url vc', login, '*** vCenter https://vc/sdk as root ***'],
    ['--url vc --insecure', login, '*** vCenter https://vc/sdk as root; its certificate is NOT checked ***'],
    ['', { GOVC_URL: 'https://u:hunter2@vc:8989/sdk' }, '*** vCenter https://vc:8989/sdk as u ***'],
  ])('%s %j says first what it stands on, then where GraphiQL is', async (argv, env, first) => {
    const { lines } = await serve(argv, env)
    expect(lines).toEqual([first, 'GraphiQL: http://127.0.0.1:4000/graphql', ''])
    expect(lines.join()).not.toContain('hunter2')
  })

  it('hands its configuration to the gateway, and stops it', async () => {
    const { config, stopped } = await serve('--port 4001 --read-only')
    expect(config).toMatchObject({ port: 4001, readOnly: true, vcenter: undefined })
    expect(stopped).toBe(true)
  })
})
