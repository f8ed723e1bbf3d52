// The certificates that doctor finds, and the setting that it names for each.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { describe, expect, it, onTestFinished } from 'vitest'
import { certificates } from '../transport/certificates.ts'
import { type Certificate, startLoopbackServer } from '../transport/loopback-server.ts'
import { examine, startSimulator } from './examine.ts'

const { authority, signed, selfSigned, otherName, expired } = certificates

/** Runs doctor on a server with a certificate. Only the check of the certificate is of interest. */
async function examineCertificate(presented: Certificate, ...argv: readonly string[]) {
  const requests: string[] = []
  const server = await startLoopbackServer((request, response) => {
    requests.push(String(request.url))
    response.writeHead(404).end()
  }, presented)
  const examination = await examine(['--url', server.url, ...argv].join(' '))
  return { ...examination, requests, certificate: examination.check('certificate') }
}

/** Writes the certificate of an authority to a file. */
function caFile({ cert }: Certificate): string {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'ca.pem'), cert)
  return join(folder, 'ca.pem')
}

async function lastingFor(days: number, fromDay = 0): Promise<Certificate> {
  const pems = await generate([{ name: 'commonName', value: 'vcenter' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + fromDay * 86_400_000),
    notAfterDate: new Date(Date.now() + days * 86_400_000),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  return { key: pems.private, cert: pems.cert }
}

describe('a certificate', () => {
  it.each<[string, Certificate, readonly string[], string]>([
    ['that is self-signed', selfSigned, ['selfSigned'], '--thumbprint (VSPHERE_THUMBPRINT)'],
    ['of an unknown authority', signed, ['unknownAuthority'], '--ca-file (VSPHERE_CA_FILE)'],
    [
      'for another name, of an unknown authority',
      otherName,
      ['unknownAuthority', 'wrongName'],
      '--url (VSPHERE_URL)',
    ],
  ])(
    '%s is a problem, nothing is sent, and stderr has the value',
    async (_title, presented, reasons, setting) => {
      const { code, requests, stdout, stderr, certificate, check } = await examineCertificate(presented)
      expect(code).toBe(1)
      expect(certificate).toMatchObject({ status: 'problem', facts: { verified: false, reasons } })
      expect(certificate.todo.join()).toContain(setting)
      expect(check('endpoint').status).toBe('skipped')
      expect(requests).toEqual([])
      const { thumbprint } = presented as Certificate & { thumbprint: string }
      expect(stderr).toContain(`--thumbprint ${thumbprint}`)
      expect(stdout).not.toContain(thumbprint)
      expect(stdout).not.toContain('vcenter.example.com')
      if (reasons.includes('wrongName')) expect(stderr).toContain('DNS:vcenter.example.com')
      if (reasons.includes('unknownAuthority')) expect(stderr).toContain('/certs/download.zip')
    },
  )

  it.each<[string, Certificate, Certificate, readonly string[]]>([
    ['that has expired', expired, authority, ['expired']],
    ['for another name', otherName, authority, ['wrongName']],
    ['of another authority than the configured one', signed, selfSigned, ['unknownAuthority']],
  ])('%s is a problem with --ca-file', async (_title, presented, ca, reasons) => {
    const { certificate, requests } = await examineCertificate(presented, '--ca-file', caFile(ca))
    expect(certificate).toMatchObject({ status: 'problem', facts: { verified: false, reasons } })
    expect(requests).toEqual([])
  })

  it('other than the pinned one is a problem, and stderr has its thumbprint', async () => {
    const { certificate, requests, stderr } = await examineCertificate(
      signed,
      '--thumbprint',
      selfSigned.thumbprint,
    )
    expect(certificate).toMatchObject({ status: 'problem', facts: { reasons: ['otherThumbprint'] } })
    expect(stderr).toContain(`--thumbprint ${signed.thumbprint}`)
    expect(requests).toEqual([])
  })

  it.each<[string, Certificate, () => readonly string[], boolean]>([
    ['of the configured authority', signed, () => ['--ca-file', caFile(authority)], false],
    ['that is pinned', selfSigned, () => ['--thumbprint', selfSigned.thumbprint], true],
  ])('%s is ok, and requests are sent', async (_title, presented, argv, pinned) => {
    const { certificate, requests, stderr } = await examineCertificate(presented, ...argv())
    expect(certificate).toMatchObject({ status: 'ok', todo: [], facts: { verified: true, pinned } })
    expect(certificate.found[0]).toMatch(/expires in \d+ days\.$/)
    expect(stderr).toBe('')
    expect(requests).not.toEqual([])
  })

  it('that is not verified is a problem, but the checks continue', async () => {
    const { certificate, requests, stderr } = await examineCertificate(expired, '--insecure')
    expect(certificate).toMatchObject({
      status: 'problem',
      todo: [expect.stringContaining('Replace --insecure'), expect.any(String)],
      facts: { verified: false, reasons: ['notVerified'] },
    })
    expect(stderr).toContain(expired.thumbprint)
    expect(requests).not.toEqual([])
  })

  it('that expires within 30 days is a problem, but the checks continue', async () => {
    const presented = await lastingFor(10)
    const { certificate, requests } = await examineCertificate(presented, '--ca-file', caFile(presented))
    expect(certificate).toMatchObject({
      status: 'problem',
      facts: { verified: true, reasons: ['expiresSoon'], daysUntilExpiry: 9 },
    })
    expect(requests).not.toEqual([])
  })

  it('that is not valid yet is a problem', async () => {
    const presented = await lastingFor(400, 10)
    const { certificate, requests } = await examineCertificate(presented, '--ca-file', caFile(presented))
    expect(certificate).toMatchObject({
      status: 'problem',
      todo: [expect.stringContaining('Compare the clocks'), expect.any(String)],
      facts: { verified: false, reasons: ['notYetValid'] },
    })
    expect(requests).toEqual([])
  })

  it('is missing on an unencrypted connection, which is a problem, but the checks continue', async () => {
    const { simulator } = await startSimulator()
    const { url } = await simulator.listen()
    const { code, check } = await examine(`--url ${url}`)
    expect(code).toBe(1)
    expect(check('certificate')).toMatchObject({
      status: 'problem',
      found: ['The connection is not encrypted, so the password can be read on the network.'],
    })
    expect(check('login').status).toBe('ok')
  })
})

describe('a server without TLS', () => {
  it('is a problem', async () => {
    const server = await startLoopbackServer((_request, response) => response.end())
    const { check } = await examine(`--url ${server.url.replace('http:', 'https:')}`)
    expect(check('certificate')).toMatchObject({
      status: 'problem',
      found: ['No TLS connection: the server does not use TLS on this port.'],
    })
    expect(check('endpoint').status).toBe('skipped')
  })
})
