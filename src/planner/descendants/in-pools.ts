// The edges from a resource pool or vApp to the objects in it at any depth, and the steps from a folder through the vApps in it.

import type { ManagedObjectType } from '../../soap/vim-types.ts'
import { descendants, type Step } from '../traversals.ts'

export const poolDescendantPools = descendants(
  'ResourcePool',
  ['resourcePool'],
  'ResourcePool',
  { resourcePool: { type: 'ResourcePool', path: 'resourcePool', next: ['resourcePool'], isTarget: true } },
  { ResourcePool: ['resourcePool'] },
)

export const poolDescendantVirtualMachines = descendants(
  'ResourcePool',
  ['vm', 'resourcePool'],
  'VirtualMachine',
  {
    vm: { type: 'ResourcePool', path: 'vm', isTarget: true },
    resourcePool: { type: 'ResourcePool', path: 'resourcePool', next: ['vm', 'resourcePool'] },
  },
  { ResourcePool: ['vm', 'resourcePool'] },
)

/** The first steps from an object in a folder that may be a vApp. */
export const vAppStart = ['vAppVm', 'vAppOwner'] as const

/** The pools of a cluster are only passed through on the way to the vApps among them. */
const poolStep = (type: ManagedObjectType, next: readonly string[]): Step => ({
  type,
  path: 'resourcePool',
  next: [...next, 'vAppVm', 'vAppPool'],
  isPassedThrough: true,
})

/**
 * The steps from a vApp down to its VMs, through nested vApps and pools. Nested ones are reached through the pools of
 * the owner: vcsim ignores the type of a step and would also follow the direct path, resourcePool, from every VM.
 */
export const vAppSteps: Readonly<Record<string, Step>> = {
  vAppVm: { type: 'VirtualApp', path: 'vm', isTarget: true },
  vAppOwner: { type: 'VirtualApp', path: 'owner', next: ['ownPool'], isPassedThrough: true },
  ownPool: poolStep('ComputeResource', ['pool']),
  pool: poolStep('ResourcePool', ['pool']),
  vAppPool: { type: 'VirtualApp', path: 'resourcePool', next: ['innerPool', 'innerVm'] },
  innerPool: { type: 'ResourcePool', path: 'resourcePool', next: ['innerPool', 'innerVm'] },
  innerVm: { type: 'ResourcePool', path: 'vm', isTarget: true },
}

/** The paths that `vAppSteps` collects. A vApp can contain pools, whose VMs are in no folder either. */
export const vAppContents: Readonly<Partial<Record<ManagedObjectType, readonly string[]>>> = {
  ResourcePool: ['vm', 'resourcePool'],
}
