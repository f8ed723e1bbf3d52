// The configuration of simulate and of print-schema.

import { expect, it } from 'vitest'
import { loadPrintSchemaConfig, loadSimulateConfig } from '../../src/config/config.ts'

it("has the defaults of vcsim's documentation", () => {
  const { password, ...config } = loadSimulateConfig({ argv: [] })
  expect(config).toEqual({
    host: '127.0.0.1',
    port: 8989,
    tls: false,
    vms: undefined,
    smallMachine: false,
    bytesPerSecond: undefined,
    seed: 1,
    username: 'user',
  })
  expect(password.reveal()).toBe('pass')
})

it('applies the configured values', () => {
  const argv =
    '--port 0 --host ::1 --tls --vms 500 --small-machine --megabytes-per-second 20 --seed 7 --username root --password s3cret'.split(
      ' ',
    )
  const { password, ...config } = loadSimulateConfig({ argv })
  expect(config).toEqual({
    host: '::1',
    port: 0,
    tls: true,
    vms: 500,
    smallMachine: true,
    bytesPerSecond: 20_000_000,
    seed: 7,
    username: 'root',
  })
  expect(password.reveal()).toBe('s3cret')
})

it('prints the schema with or without mutations', () => {
  expect(loadPrintSchemaConfig({ argv: [] })).toEqual({ readOnly: false, introspection: false })
  expect(loadPrintSchemaConfig({ argv: ['--read-only'] })).toEqual({ readOnly: true, introspection: false })
})
