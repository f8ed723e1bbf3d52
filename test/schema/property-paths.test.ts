// Tests property paths against declared types. A vCenter resolves a path on declared types and fails the
// whole call for one that it does not find.

import { beforeAll, describe, expect, it } from 'vitest'
import { typeAtPath } from '../../src/soap/type-registry.ts'
import { everyRequestedPath } from './requested-paths.ts'

describe('the property paths of all fields', () => {
  let paths: Awaited<ReturnType<typeof everyRequestedPath>>
  beforeAll(async () => {
    paths = await everyRequestedPath()
  })

  it('exist', () => {
    const words = paths.map(({ type, path }) => `${type}.${path}`)
    expect(words.length).toBeGreaterThan(80)
    expect(words).toEqual(
      expect.arrayContaining([
        'ClusterComputeResource.configuration.dasConfig.enabled',
        'DistributedVirtualPortgroup.key',
        'Task.info',
        'VirtualMachine.config.extraConfig["ctkEnabled"]',
        'VirtualMachine.config.hardware.device',
        'VirtualMachine.parentVApp',
      ]),
    )
  })

  it('pass through declared types only', () => {
    expect(paths.filter(({ type, path }) => !typeAtPath(type, path))).toEqual([])
  })
})
