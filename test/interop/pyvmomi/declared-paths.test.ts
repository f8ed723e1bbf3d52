// Checks every property path that the schema's fields require against the types in pyVmomi's tables.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { everyRequestedPath } from '../../schema/requested-paths.ts'
import { python, pythonEnvironment } from '../tools.ts'

const script = fileURLToPath(new URL('declared-paths.py', import.meta.url))

function undeclared(lines: readonly string[]): string[] {
  const { stdout, status, stderr } = spawnSync(String(python), [script], {
    env: pythonEnvironment,
    input: lines.join('\n'),
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  return stdout.split('\n').filter((line) => line !== '')
}

describe.skipIf(python === undefined)('property paths', () => {
  it('of all fields lead through declared types', async () => {
    const paths = await everyRequestedPath()
    expect(undeclared(paths.map(({ type, path }) => `${type} ${path}`))).toEqual([])
  })

  it('that exist only on a subtype are detected', () => {
    const invalid = [
      'ClusterComputeResource configurationEx.dasConfig.enabled',
      'Network key',
      'VirtualMachine config.hardware.device.backing',
    ]
    const valid = [
      'VirtualMachine config.extraConfig["scsi0:0.ctkEnabled"].value',
      'ClusterComputeResource name',
    ]
    expect(undeclared([...invalid, ...valid])).toEqual(invalid)
  })
})
