// Properties of vCenter 8.0 Update 2 that are always unset in the simulator. They exist, so requesting them
// is not an InvalidProperty fault. Properties of newer versions are deliberately omitted.

import { isManagedSubtype } from '../../../soap/type-registry.ts'

const unset: readonly (readonly [type: string, properties: readonly string[]])[] = [
  ['ManagedEntity', ['configIssue']],
  ['Folder', ['namespace']],
  ['ComputeResource', ['lifecycleManaged', 'configManagerEnabled']],
  [
    'ClusterComputeResource',
    ['recommendation', 'drsRecommendation', 'hciConfig', 'migrationHistory', 'actionHistory', 'drsFault'],
  ],
  [
    'HostSystem',
    ['capability', 'licensableResource', 'remediationState', 'precheckRemediationResult', 'remediationResult']
      .concat(['complianceCheckState', 'complianceCheckResult', 'configManager', 'systemResources'])
      .concat(['answerFileValidationState', 'answerFileValidationResult']),
  ],
  ['ResourcePool', ['namespace', 'childConfiguration']],
  ['VirtualApp', ['vAppConfig', 'childLink']],
  ['Datastore', ['iormConfiguration']],
  ['OpaqueNetwork', ['capability', 'extraConfig']],
  ['DistributedVirtualPortgroup', ['portKeys']],
  ['DistributedVirtualSwitch', ['capability', 'networkResourcePool', 'runtime']],
  ['VirtualMachine', ['layout', 'resourceConfig']],
  ['AlarmManager', ['description']],
]

export const isAlwaysUnset = (type: string, property: string): boolean =>
  unset.some(([owner, properties]) => properties.includes(property) && isManagedSubtype(type, owner))
