// Compares the privileges that the simulator requires for methods and properties with those in pyVmomi's tables.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { privilegeOfProperty } from '../../../src/simulator/authorization/property-privileges.ts'
import { methodPrivileges } from '../../../src/simulator/service/privileges.ts'
import { managedObjects } from '../../../src/soap/declarations/managed-objects.ts'
import { isManagedSubtype } from '../../../src/soap/type-registry.ts'
import { python, pythonEnvironment } from '../tools.ts'

const script = fileURLToPath(new URL('privileges.py', import.meta.url))

function read(lines: readonly string[]): unknown[] {
  const { stdout, status, stderr } = spawnSync(String(python), [script], {
    env: pythonEnvironment,
    input: lines.join('\n'),
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

describe.skipIf(python === undefined)('the privileges', () => {
  it('of methods are those of the API, on the same objects', () => {
    // Those of other methods depend on their arguments.
    const fixed = Object.entries(methodPrivileges).filter(([, needed]) => typeof needed !== 'function')
    const known = read(fixed.map(([method]) => `method ${method}`))
    expect(known).toHaveLength(fixed.length)
    for (const [index, [method, needed]] of fixed.entries()) {
      const { self, arguments: args } = known[index] as { self: string | null; arguments: object }
      const { self: ownSelf, ...ownArgs } = (
        typeof needed === 'string' ? { self: needed } : needed
      ) as Record<string, string>
      if (ownSelf !== undefined) expect([method, ownSelf]).toEqual([method, self])
      expect([method, ownArgs]).toEqual([method, args])
    }
  })

  it('of properties of the inventory are those of the API', () => {
    const properties = Object.entries(managedObjects)
      .filter(([type]) => isManagedSubtype(type, 'ManagedEntity'))
      .flatMap(([type, { properties: own }]) => Object.keys(own).map((name) => [type, name] as const))
    const known = read(properties.map(([type, name]) => `property ${type} ${name}`))
    const different = properties.filter(
      // Those without a privilege in the tables need System.Read.
      ([type, name], index) => privilegeOfProperty(type, name) !== (known[index] ?? 'System.Read'),
    )
    expect(different).toEqual([])
  })
})
