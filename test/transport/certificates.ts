// Certificates for loopback servers: a certificate authority, certificates that it signs, and a self-signed one.

import { X509Certificate } from 'node:crypto'
import { generate } from 'selfsigned'
import type { Certificate } from './loopback-server.ts'

type Options = NonNullable<Parameters<typeof generate>[1]>

const loopback: NonNullable<Options['extensions']> = [
  { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
]

async function create(
  commonName: string,
  options: Options = {},
): Promise<Certificate & { thumbprint: string }> {
  const pems = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: loopback,
    ...options,
  })
  return { key: pems.private, cert: pems.cert, thumbprint: new X509Certificate(pems.cert).fingerprint256 }
}

const authority = await create('Test authority', {
  extensions: [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true },
  ],
})

export const certificates = {
  authority,
  signed: await create('vcenter', { ca: authority }),
  selfSigned: await create('vcenter'),
  otherName: await create('vcenter', {
    ca: authority,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'vcenter.example.com' }] }],
  }),
  expired: await create('vcenter', {
    ca: authority,
    notBeforeDate: new Date('2020-01-01'),
    notAfterDate: new Date('2021-01-01'),
  }),
}
