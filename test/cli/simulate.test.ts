// The command simulate: runs the vCenter simulator on a port.

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { createUndiciTransport } from '../../src/transport/undici-transport.ts'
import { readText } from '../transport/read-body.ts'
import { testContext } from './test-context.ts'

async function versionsOf(url: string, thumbprint?: string) {
  const transport = createUndiciTransport({ url, userAgent: 'test', tls: { thumbprint } })
  onTestFinished(() => transport.close())
  return readText(await transport.send({ method: 'GET', path: '/sdk/vimServiceVersions.xml', headers: {} }))
}

describe('simulate', () => {
  it('prints its name and URL in the first line, serves, and stops on a signal', async () => {
    const { context, written, until, signal } = testContext('simulate --port 0 --vms 3')
    const code = run(context)
    await Promise.race([until('\n'), code])
    expect(written.stderr).toBe('')
    const [, url] = /^\*\*\* SIMULATOR, not a real vCenter: (http:\S+) \(user: user\) \*\*\*\n$/.exec(
      written.stdout,
    )!
    expect(await versionsOf(url!)).toContain('urn:vim25')
    signal('SIGTERM')
    expect(await code).toBe(0)
    await expect(versionsOf(url!)).rejects.toMatchObject({ code: 'CONNECT' })
  })

  it('prints the thumbprint of its certificate', async () => {
    const { context, written, until, signal } = testContext('simulate --port 0 --tls --password hunter2')
    const code = run(context)
    await Promise.race([until('\n'), code])
    expect(written.stderr).toBe('')
    const [, url, thumbprint] = /(https:\S+) \(user: user, certificate thumbprint: (\S+)\) \*\*\*/.exec(
      written.stdout,
    )!
    expect(await versionsOf(url!, thumbprint)).toContain('urn:vim25')
    expect(written.stdout).not.toContain('hunter2')
    signal('SIGINT')
    expect(await code).toBe(0)
  })

  it('reports that its port is in use', async () => {
    const other = createServer()
    await once(other.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const { context, written } = testContext(`simulate --port ${port}`)
    expect(await run(context)).toBe(1)
    expect(written).toEqual({
      stdout: '',
      stderr: `vsphere-graphql: cannot listen on 127.0.0.1 port ${port}: the address is in use; set another port with --port, or 0 for any free port\n`,
    })
  })

  it('reports that its address is not a local one', async () => {
    const { context, written } = testContext('simulate --port 0 --host 192.0.2.1')
    expect(await run(context)).toBe(1)
    expect(written.stderr).toMatch(
      /^vsphere-graphql: cannot listen on 192\.0\.2\.1.*: it is not an address of this machine; see --host\n$/,
    )
  })
})
