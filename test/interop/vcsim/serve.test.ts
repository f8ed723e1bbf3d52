// Runs `vsphere-graphql serve` as a separate process on vcsim: how it logs in, how it reports failures, and that it logs out.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { version } from '../../../src/config/version.ts'
import { type RunningProgram, startProgram } from '../child-process.ts'
import { executorOf, type Gateway } from '../gateway.ts'
import { govcAt } from '../govc.ts'
import { govc as govcPath, vcsim as vcsimPath } from '../tools.ts'
import type { Untyped } from '../untyped.ts'
import { startVcsim, type Vcsim } from '../vcsim.ts'

// pretest:interop builds it.
const executable = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))
const operation = '{ virtualMachines { totalCount } }'

describe.skipIf(vcsimPath === undefined || govcPath === undefined)('serve', () => {
  let folder: string
  let vcsim: Vcsim
  let traceFile: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'interop-'))
    traceFile = join(folder, 'trace')
    vcsim = await startVcsim('-trace', '-trace-file', traceFile)
  })

  afterAll(async () => {
    await vcsim?.stop()
    rmSync(folder, { recursive: true })
  })

  const countLoginRequests = () => readFileSync(traceFile, 'utf8').match(/<Login /g)?.length ?? 0

  const ourSessions = async (): Promise<Untyped[]> =>
    (await govcAt(vcsim.url).json('session.ls')).sessionList.filter(
      ({ userAgent }: Untyped) => userAgent === `vsphere-graphql/${version}`,
    )

  async function serve(env: Record<string, string>, ...flags: string[]): Promise<ServingProgram> {
    const program = await startProgram(
      process.execPath,
      [executable, '--port', '0', ...flags],
      /GraphiQL: (\S+)/,
      { PATH: process.env.PATH, ...env },
    )
    const url = program.match[1]!
    onTestFinished(async () => void (await program.stop('SIGKILL')))
    return { ...program, url, execute: executorOf(url) }
  }

  const ready = async ({ url }: ServingProgram) => (await fetch(url.replace('/graphql', '/ready'))).status

  it('accepts GOVC_URL and GOVC_INSECURE as govc does, and logs out when it is interrupted', async () => {
    const gateway = await serve({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
    const started = `*** vCenter ${new URL(vcsim.url).origin}/sdk as user; its certificate is NOT verified ***\nGraphiQL: ${gateway.url}\n`
    expect(gateway.output.stdout).toBe(started)
    expect((await gateway.execute(operation)).data).toEqual({ virtualMachines: { totalCount: 4 } })
    expect(await ready(gateway)).toBe(200)
    expect(await ourSessions()).toMatchObject([{ userName: 'user' }])

    expect(await gateway.stop('SIGINT')).toBe(0)
    expect(await ourSessions()).toEqual([])
    expect(gateway.output.stdout).toBe(`${started}Shutting down; press Ctrl-C again to force.\n`)
    expect(linesWith(gateway.output.stderr, 'logged in as user to ')).toHaveLength(1)
  })

  it('has one session for all requests, and none after SIGTERM', async () => {
    const gateway = await serve({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
    await Promise.all(Array.from({ length: 50 }, () => gateway.execute(operation)))
    expect(await ourSessions()).toHaveLength(1)
    expect(await gateway.stop('SIGTERM')).toBe(0)
    expect(await ourSessions()).toEqual([])
  })

  it('accepts VSPHERE_ variables, a password file and the thumbprint of the certificate', async () => {
    const passwordFile = join(folder, 'password')
    writeFileSync(passwordFile, 'pass\n')
    const gateway = await serve(
      { VSPHERE_URL: new URL(vcsim.url).host, VSPHERE_USERNAME: 'user', VSPHERE_PASSWORD_FILE: passwordFile },
      '--thumbprint',
      (await certificateOf(vcsim)).fingerprint256,
    )
    expect((await gateway.execute(operation)).data).toEqual({ virtualMachines: { totalCount: 4 } })
  })

  it('accepts the certificate as an authority', async () => {
    const caFile = join(folder, 'ca.pem')
    const pem = (await certificateOf(vcsim)).raw.toString('base64')
    writeFileSync(caFile, `-----BEGIN CERTIFICATE-----\n${pem}\n-----END CERTIFICATE-----\n`)
    const gateway = await serve({ GOVC_URL: vcsim.url, GOVC_TLS_CA_CERTS: caFile })
    expect((await gateway.execute(operation)).data).toEqual({ virtualMachines: { totalCount: 4 } })
  })

  it.each([
    ['no trusted authority has signed', () => []],
    ['does not match the configured thumbprint', () => ['--thumbprint', `${'AB:'.repeat(31)}CD`]],
  ])('reports a certificate that %s, and does not send it the password', async (_, flags) => {
    const before = countLoginRequests()
    const gateway = await serve({ GOVC_URL: vcsim.url, GOVC_TLS_CA_CERTS: '' }, ...flags())
    const { data, errors } = await gateway.execute(operation)
    const { fingerprint256 } = await certificateOf(vcsim)
    expect(data).toEqual({ virtualMachines: null })
    expect(errors).toMatchObject([
      { extensions: { code: 'VCENTER_UNAVAILABLE', remedy: expect.any(String) } },
    ])
    expect(JSON.stringify(errors)).not.toContain(fingerprint256)
    expect(await ready(gateway)).toBe(503)
    expect(gateway.output.stderr).toContain(fingerprint256)
    expect(countLoginRequests()).toBe(before)
    expect(await gateway.stop('SIGINT')).toBe(0)
  })

  it('tries a wrong password once for many requests, and logs a remedy', async () => {
    const before = countLoginRequests()
    const url = new URL(vcsim.url)
    url.password = 'hunter2'
    const gateway = await serve({ GOVC_URL: url.href, GOVC_INSECURE: '1' })
    const responses = await Promise.all(Array.from({ length: 10 }, () => gateway.execute(operation)))
    responses.push(await gateway.execute(operation))
    for (const { errors } of responses) {
      expect(errors).toMatchObject([
        {
          extensions: {
            code: 'VCENTER_UNAVAILABLE',
            fault: 'InvalidLogin',
            remedy: expect.stringContaining('see the log of the gateway'),
          },
        },
      ])
    }
    expect(await ready(gateway)).toBe(503)
    expect(countLoginRequests()).toBe(before + 1)
    expect(linesWith(gateway.output.stderr, 'rejected the user name or password')).toHaveLength(1)
    expect(await gateway.stop('SIGINT')).toBe(0)
    expect(JSON.stringify([gateway.output, responses])).not.toContain('hunter2')
  })

  it('starts without a vCenter, and serves once it is available', async () => {
    const removed = await startVcsim()
    await removed.stop()
    const gateway = await serve({ GOVC_URL: removed.url, GOVC_INSECURE: '1' })
    const { errors } = await gateway.execute(operation)
    expect(errors).toMatchObject([{ extensions: { code: 'VCENTER_UNAVAILABLE', retryable: true } }])
    expect(await ready(gateway)).toBe(503)

    const back = await startVcsim('-l', new URL(removed.url).host)
    onTestFinished(() => back.stop())
    // The gateway's own probe finds it, without a query.
    await expect.poll(() => ready(gateway)).toBe(200)
    expect((await gateway.execute(operation)).data).toEqual({ virtualMachines: { totalCount: 4 } })
  })
})

interface ServingProgram extends RunningProgram, Pick<Gateway, 'url' | 'execute'> {}

const linesWith = (text: string, part: string) => text.split('\n').filter((line) => line.includes(part))

function certificateOf({ url }: Vcsim): Promise<PeerCertificate> {
  const { hostname: host, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate())
      socket.destroy()
    })
    socket.once('error', reject)
  })
}
