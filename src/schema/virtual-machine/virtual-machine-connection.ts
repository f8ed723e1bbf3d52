// The connections and the lookup of virtual machines: their filter, order and keys, with the properties that each condition reads.

import { ancestors } from '../../planner/ancestors.ts'
import { readOr } from '../../planner/managed-object.ts'
import { filterFieldsOf } from '../core/connections/named-connection.ts'
import { sortFieldsOf } from '../core/connections/ordering.ts'
import { decodeId } from '../core/nodes/ids.ts'
import { refersTo } from '../core/nodes/node-registry.ts'
import { rootFields } from '../core/root-fields.ts'
import { findAllByUuid } from '../core/search-index.ts'
import { vimEnum } from '../core/vim-enum.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { enabledPaths, isEnabled } from './tracking-state.ts'

export const PowerState = vimEnum('PowerState', {
  vimType: 'VirtualMachinePowerState',
  description: 'The power state of a virtual machine.',
  values: {
    poweredOn: ['POWERED_ON', 'The virtual machine is running.'],
    poweredOff: ['POWERED_OFF', 'The virtual machine is powered off.'],
    suspended: ['SUSPENDED', 'The virtual machine is paused, with its memory saved to disk.'],
  },
})

const sortBy = sortFieldsOf('VirtualMachine')

const sortFields = {
  POWER_STATE: sortBy(
    'runtime.powerState',
    'Power state, sorted by its vim25 name: poweredOff, poweredOn, suspended. Source: `runtime.powerState`.',
  ),
  CPU_COUNT: sortBy(
    'config.hardware.numCPU',
    'Number of virtual CPUs. Source: `config.hardware.numCPU`, or else `summary.config.numCpu`.',
    'summary.config.numCpu',
  ),
  MEMORY: sortBy(
    'config.hardware.memoryMB',
    'Configured memory. Source: `config.hardware.memoryMB`, or else `summary.config.memorySizeMB`.',
    'summary.config.memorySizeMB',
  ),
}

const filterBy = filterFieldsOf('VirtualMachine')

const filterFields = {
  powerState: filterBy(
    [PowerState.type],
    'The power state is one of these. An empty list matches nothing. Source: `runtime.powerState`.',
    (powerStates) => {
      const states = new Set<string | undefined>(powerStates)
      return {
        plan: (node) => node.read('runtime.powerState'),
        matches: (vm) => states.has(vm.tryRead('runtime.powerState')),
      }
    },
  ),
  changeTrackingEnabled: filterBy(
    'Boolean',
    'Whether changed block tracking is enabled, as `ChangeTracking.enabled` reports it. A value that cannot be read counts as false. Source: `config.changeTrackingEnabled`, `config.extraConfig["ctkEnabled"]`.',
    (enabled) => ({
      plan: (node) => node.read(...enabledPaths),
      matches: (vm) => (readOr(() => isEnabled(vm), null) ?? false) === enabled,
    }),
  ),
  hasSnapshots: filterBy(
    'Boolean',
    'Whether the virtual machine has at least one snapshot. A virtual machine whose snapshots may not be read matches neither value. Source: `snapshot`.',
    (hasSnapshots) => ({
      plan: (node) => node.read('snapshot'),
      matches: (vm) =>
        !vm.isUnreadable('snapshot') && (vm.tryRead('snapshot') !== undefined) === hasSnapshots,
    }),
  ),
  template: filterBy(
    'Boolean',
    'Whether the object is a template. An object for which this cannot be read matches neither value. Source: `config.template`, or else `summary.config.template`.',
    (template) => ({
      plan: (node) => node.read('config.template', 'summary.config.template'),
      matches: (vm) => (vm.tryRead('config.template') ?? vm.tryRead('summary.config.template')) === template,
    }),
  ),
  datacenter: filterBy(
    'ID',
    'Global id of a datacenter. Matches the virtual machines below it, at any depth.',
    (datacenter, context) => {
      const decoded = decodeId(context, datacenter, ['Datacenter'])
      return {
        plan: (node) => node.follow(ancestors),
        // An ancestor that may not be read does not match.
        matches: (vm) =>
          readOr(() => ancestors.follow(vm), []).some((ancestor) => refersTo(decoded, ancestor)),
      }
    },
  ),
}

const lookupKeys = {
  uuid: {
    description: 'BIOS (SMBIOS) UUID. Several virtual machines can share it. Source: `config.uuid`.',
    findAll: (uuid: string, vcenter: RequestVCenter) => findAllByUuid(uuid, false, vcenter),
  },
  instanceUuid: {
    description: 'Instance UUID, unique within a vCenter. Source: `config.instanceUuid`.',
    findAll: (uuid: string, vcenter: RequestVCenter) => findAllByUuid(uuid, true, vcenter),
  },
}

export const virtualMachines = rootFields({
  type: 'VirtualMachine',
  plural: 'virtualMachines',
  singular: 'virtualMachine',
  label: 'virtual machine',
  all: 'virtual machines and templates',
  example: '/Frankfurt/vm/web/web-01',
  moidExample: 'vm-62',
  sortFields,
  filterFields,
  lookupKeys,
})
