// Compares our fault hierarchy with pyVmomi's type tables.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { python, pythonEnvironment } from '../tools.ts'

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

describe.skipIf(python === undefined)('fault-parents.ts', () => {
  it('has the same faults with the same parents as pyVmomi', () => {
    const { status, stdout, stderr } = spawnSync(python ?? 'python3', [pathOf('fault-parents.py')], {
      env: pythonEnvironment,
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toBe(readFileSync(pathOf('../../../src/soap/declarations/fault-parents.ts'), 'utf8'))
  })
})
