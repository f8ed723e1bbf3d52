// Properties of a vCenter 8.0 Update 2 that nothing in here ever has. They exist, so asking for them is no InvalidProperty;
// they read as unset. What a newer vCenter has is left out on purpose.

import { isManagedSubtype } from '../../../soap/vim-types.ts'

const unset: readonly (readonly [type: string, properties: readonly string[]])[] = [
  ['ManagedEntity', ['configIssue', 'declaredAlarmState', 'triggeredAlarmState']],
  ['Folder', ['namespace']],
  ['ComputeResource', ['lifecycleManaged', 'configManagerEnabled']],
  [
    'ClusterComputeResource',
    [
      'recommendation',
      'drsRecommendation',
      'summaryEx',
      'hciConfig',
      'migrationHistory',
      'actionHistory',
      'drsFault',
    ],
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
  ['DistributedVirtualSwitch', ['capability', 'summary', 'config', 'networkResourcePool', 'runtime']],
  ['VirtualMachine', ['layout', 'resourceConfig']],
  ['TaskManager', ['description']],
]

export const isAlwaysUnset = (type: string, property: string): boolean =>
  unset.some(([owner, properties]) => properties.includes(property) && isManagedSubtype(type, owner))
