// Reads the settings in the files of deploy/ with the gateway's own configuration, so that a misspelt name or an invalid value
// fails.

import { basename } from 'node:path'
import { expect } from 'vitest'
import { loadServeConfig, type ServeConfig } from '../../src/config/config.ts'
import type { Setting } from '../../src/config/settings/setting.ts'
import { serveSettings } from '../../src/config/settings.ts'
import { certificates } from '../transport/certificates.ts'

/** Contents of the files that deploy/ refers to, by the last segment of their path. */
const files: Readonly<Record<string, string>> = {
  'vcenter-password': 'correct horse battery\n',
  tokens: 'grafana reader f3c1d8a0b6c94c3fa4ad1c8a0a5e7712\n',
  'tls.crt': certificates.signed.cert,
  'tls.key': certificates.signed.key,
  'vcenter-ca.pem': certificates.authority.cert,
}

export type Variables = Readonly<Record<string, string>>

const settings: readonly Setting[] = Object.values(serveSettings)

/** Names that no setting has. */
export const unknown = (env: Variables): string[] =>
  Object.keys(env).filter((name) => !settings.some((setting) => setting.env === name))

/** The configuration at startup. */
export const configOf = (argv: readonly string[], env: Variables): ServeConfig =>
  loadServeConfig({
    argv,
    env,
    readFile(path) {
      const text = files[basename(path)]
      if (text === undefined) throw new Error(`no file at ${path}`)
      return text
    },
  })

/** Checks what all deployments share: authenticated callers, TLS, and a verified vCenter certificate. */
export const servableOnNetwork = {
  host: '0.0.0.0',
  port: 4000,
  auth: { mode: 'token' },
  tls: expect.anything(),
  vcenter: {
    origin: 'https://vcenter.example.com',
    tls: { ca: expect.stringContaining('BEGIN CERTIFICATE') },
  },
  allowedHosts: expect.arrayContaining(['gateway.example.com']),
}
