// Tests the budget table of what surrounds virtual machines, and of their settings: the exact calls of each field and connection, and what
// each retrieval requests. Calls for tags are included, and their definitions are read once each.

import { type Budget, describeBudgets } from './call-budget.ts'

const machines: Budget[] = [
  {
    name: 'the settings and reservations of virtual machines',
    query: `{ virtualMachines(first: 1000) { nodes { firmware secureBoot encrypted createdAt modifiedAt vmPathName coresPerSocket
      diskCount networkAdapterCount maxCpuUsage managedBy { extensionKey type }
      cpuAllocation { reservation limit unlimited shares sharesLevel expandableReservation }
      memoryAllocation { reservation limit unlimited shares sharesLevel expandableReservation } } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: config.bootOptions.efiSecureBootEnabled, config.cpuAllocation, config.createDate, config.files.vmPathName, config.firmware, config.hardware.numCoresPerSocket, config.keyId, config.memoryAllocation, config.modified, config.version, runtime.maxCpuUsage, summary.config.managedBy, summary.config.numEthernetCards, summary.config.numVirtualDisks, summary.config.vmPathName
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: config.bootOptions.efiSecureBootEnabled, config.cpuAllocation, config.createDate, config.files.vmPathName, config.firmware, config.hardware.numCoresPerSocket, config.keyId, config.memoryAllocation, config.modified, config.version, name, runtime.maxCpuUsage, summary.config.managedBy, summary.config.numEthernetCards, summary.config.numVirtualDisks, summary.config.vmPathName
    `,
  },
  {
    name: 'the usage and state of virtual machines',
    query: `{ virtualMachines(first: 1000) { nodes { uptime cpuDemand cpuReadiness activeMemory balloonedMemory swappedMemory compressedMemory
      suspendedAt pendingQuestion storage { unshared } } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: runtime.question.text, runtime.suspendTime, summary.quickStats.balloonedMemory, summary.quickStats.compressedMemory, summary.quickStats.guestMemoryUsage, summary.quickStats.overallCpuDemand, summary.quickStats.overallCpuReadiness, summary.quickStats.swappedMemory, summary.quickStats.uptimeSeconds, summary.storage.unshared
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: name, runtime.question.text, runtime.suspendTime, summary.quickStats.balloonedMemory, summary.quickStats.compressedMemory, summary.quickStats.guestMemoryUsage, summary.quickStats.overallCpuDemand, summary.quickStats.overallCpuReadiness, summary.quickStats.swappedMemory, summary.quickStats.uptimeSeconds, summary.storage.unshared
    `,
  },
  {
    name: 'whether virtual machines have a virtual TPM',
    query: `{ virtualMachines(first: 1000) { nodes { vtpm } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: summary.config.tpmPresent
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: name, summary.config.tpmPresent
    `,
  },
  {
    name: 'the file systems and network configuration of guests',
    query: `{ virtualMachines(first: 1000) { nodes { guest { fileSystems { path type capacity freeSpace freePercent } dnsServers searchDomains defaultGateways
      networkInterfaces { addresses { address prefixLength origin } deviceKey connected } } } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: guest.disk, guest.ipStack, guest.net
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: guest.disk, guest.ipStack, guest.net, name
    `,
  },
  {
    name: 'the disks of guest file systems',
    query: `{ virtualMachines(first: 1000) { nodes { guest { fileSystems { disks { label } } } } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: config.hardware.device, guest.disk
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: config.hardware.device, guest.disk, name
    `,
  },
  {
    name: 'the tools of guests',
    query: `{ virtualMachines(first: 1000) { nodes { guest { toolsVersion toolsVersionStatus toolsRunningStatus } } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: guest.toolsRunningStatus, guest.toolsVersion, guest.toolsVersionStatus2, summary.guest.toolsRunningStatus, summary.guest.toolsVersionStatus2
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: guest.toolsRunningStatus, guest.toolsVersion, guest.toolsVersionStatus2, name, summary.guest.toolsRunningStatus, summary.guest.toolsVersionStatus2
    `,
  },
  {
    name: 'the controllers and backing of disks',
    query: `{ virtualMachines(first: 1000) { nodes { disks { uuid unitNumber controllerKey controller { key label type busNumber sharedBus }
      backing { type fileName diskMode encrypted multiWriter compatibilityMode thinProvisioned isDelta } } } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: config.hardware.device
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: config.hardware.device, name
    `,
  },
  {
    name: 'network adapters',
    query: `{ virtualMachines(first: 1000) { nodes { networkAdapters { key label type macAddress addressType connected startConnected portgroupKey switchUuid } } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: config.hardware.device
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: config.hardware.device, name
    `,
  },
  {
    name: 'network adapters and their networks, switches and VLANs',
    query: `{ virtualMachines(first: 1000) { nodes { networkAdapters { network { name kind switch { name uuid } } vlan { kind vlanId ranges } } } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        DistributedVirtualPortgroup: config.defaultPortConfig, config.distributedVirtualSwitch, key
        DistributedVirtualSwitch: name, uuid
        HostSystem: config.network.portgroup
        Network: name
        OpaqueNetwork: summary
        VirtualMachine: config.hardware.device, network, runtime.host
    `,
    again: `
      RetrievePropertiesEx
        DistributedVirtualPortgroup: config.defaultPortConfig, config.distributedVirtualSwitch, key
        DistributedVirtualSwitch: name, uuid
        HostSystem: config.network.portgroup
        Network: name
        OpaqueNetwork: summary
        VirtualMachine: config.hardware.device, name, network, runtime.host
    `,
  },
  {
    name: 'virtual machines on a VLAN',
    query: `{ virtualMachines(first: 1000, filter: { networkAdapters: { some: { vlan: { vlanId: { eq: 20 } } } } }) { nodes { name } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        DistributedVirtualPortgroup: config.defaultPortConfig, key
        HostSystem: config.network.portgroup
        Network: name
        OpaqueNetwork: summary
        VirtualMachine: config.hardware.device, config.version, name, network, runtime.host
    `,
  },
  {
    name: 'virtual machines that do not belong to an extension',
    query: `{ virtualMachines(first: 1000, filter: { managedBy: { extensionKey: { isNull: true } } }) { nodes { name firmware } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name, summary.config.managedBy
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: config.firmware, name, summary.config.managedBy
    `,
  },
]

const surroundings: Budget[] = [
  {
    name: 'the resource allocation of pools',
    query: `{ resourcePools(first: 1000) { nodes { cpuAllocation { reservation limit } memoryAllocation { reservation limit shares } cpuUsage memoryUsage maxCpuUsage maxMemoryUsage } } }`,
    first: `
      CreateContainerView ResourcePool
      RetrievePropertiesEx
        ResourcePool: name
      RetrievePropertiesEx
        ResourcePool: config.cpuAllocation, config.memoryAllocation, runtime.cpu.maxUsage, runtime.cpu.overallUsage, runtime.memory.maxUsage, runtime.memory.overallUsage, summary.quickStats.hostMemoryUsage, summary.quickStats.overallCpuUsage
    `,
    again: `
      RetrievePropertiesEx
        ResourcePool: config.cpuAllocation, config.memoryAllocation, name, runtime.cpu.maxUsage, runtime.cpu.overallUsage, runtime.memory.maxUsage, runtime.memory.overallUsage, summary.quickStats.hostMemoryUsage, summary.quickStats.overallCpuUsage
    `,
  },
  {
    name: 'datastores and their mounts',
    query: `{ datastores(first: 1000) { nodes { hostMounts { host { name } mounted accessible accessMode path inaccessibleReason } } } }`,
    first: `
      CreateContainerView Datastore
      RetrievePropertiesEx
        Datastore: name
      RetrievePropertiesEx
        Datastore: host, summary.accessible
      RetrievePropertiesEx
        HostSystem: name
    `,
    again: `
      RetrievePropertiesEx
        Datastore: host, name, summary.accessible
      RetrievePropertiesEx
        HostSystem: name
    `,
  },
  {
    name: 'datastores that a host cannot reach',
    query: `{ datastores(first: 1000, filter: { hostMounts: { some: { accessible: { eq: false } } } }) { nodes { name } } }`,
    first: `
      CreateContainerView Datastore
      RetrievePropertiesEx
        Datastore: host, name, summary.accessible
    `,
  },
  {
    name: 'datastore facts and the cluster of each',
    query: `{ datastores(first: 1000) { nodes { url multipleHostAccess maintenanceMode uncommitted datastoreCluster { name storageDrsEnabled } } } }`,
    first: `
      CreateContainerView Datastore
      RetrievePropertiesEx
        Datastore: name
      RetrievePropertiesEx
        Datastore: parent, summary.maintenanceMode, summary.multipleHostAccess, summary.uncommitted, summary.url
        StoragePod: name, podStorageDrsEntry.storageDrsConfig.podConfig.enabled
    `,
    again: `
      RetrievePropertiesEx
        Datastore: name, parent, summary.maintenanceMode, summary.multipleHostAccess, summary.uncommitted, summary.url
        StoragePod: name, podStorageDrsEntry.storageDrsConfig.podConfig.enabled
    `,
  },
  {
    name: 'datastore clusters and their datastores',
    query: `{ datastoreClusters(first: 1000) { totalCount nodes { name capacity freeSpace freePercent storageDrsEnabled folder { name } datacenter { name } datastores(first: 1000) { nodes { name freeSpace } } } } }`,
    first: `
      CreateContainerView StoragePod
      RetrievePropertiesEx
        Datastore: name
        StoragePod: childEntity, name
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        Datastore: summary.freeSpace
        Folder: name, parent
        ResourcePool: name, parent
        StoragePod: parent, podStorageDrsEntry.storageDrsConfig.podConfig.enabled, summary.capacity, summary.freeSpace
        VirtualApp: name, parent, parentFolder
    `,
    again: `
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        Datastore: name, summary.freeSpace
        Folder: name, parent
        ResourcePool: name, parent
        StoragePod: childEntity, name, parent, podStorageDrsEntry.storageDrsConfig.podConfig.enabled, summary.capacity, summary.freeSpace
        VirtualApp: name, parent, parentFolder
    `,
  },
  {
    name: 'a datastore cluster by name',
    query: `{ datastoreCluster(by: { name: "fra-pod-01" }) { capacity } }`,
    first: `
      CreateContainerView StoragePod
      RetrievePropertiesEx
        StoragePod: name
      RetrievePropertiesEx
        StoragePod: summary.capacity
    `,
  },
  {
    name: 'the datastore clusters and switches of each datacenter',
    query: `{ datacenters(first: 1000) { nodes { datastoreClusters(first: 1000) { nodes { name } } distributedSwitches(first: 1000) { nodes { name } } } } }`,
    first: `
      CreateContainerView Datacenter
      RetrievePropertiesEx
        Datacenter: datastoreFolder, name, networkFolder
        DistributedVirtualSwitch: name
        Folder: childEntity
        StoragePod: name
    `,
  },
  {
    name: 'the datastore clusters and switches of each folder',
    query: `{ folders(first: 1000) { nodes { datastoreClusters(first: 1000) { nodes { name } } distributedSwitches(first: 1000) { nodes { name } } } } }`,
    first: `
      CreateContainerView Folder
      RetrievePropertiesEx
        DistributedVirtualSwitch: name
        Folder: childEntity, name
        StoragePod: name
    `,
  },
  {
    name: 'distributed switches',
    query: `{ distributedSwitches(first: 1000) { totalCount nodes { name uuid version vendor description portCount createdAt networkIoControlEnabled folder { name } datacenter { name } hosts { name } } } }`,
    first: `
      CreateContainerView DistributedVirtualSwitch
      RetrievePropertiesEx
        DistributedVirtualSwitch: name
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        DistributedVirtualSwitch: config.createTime, config.networkResourceManagementEnabled, parent, summary.description, summary.hostMember, summary.numPorts, summary.productInfo.vendor, summary.productInfo.version, uuid
        Folder: name, parent
        HostSystem: name
        ResourcePool: name, parent
        VirtualApp: name, parent, parentFolder
    `,
    again: `
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        DistributedVirtualSwitch: config.createTime, config.networkResourceManagementEnabled, name, parent, summary.description, summary.hostMember, summary.numPorts, summary.productInfo.vendor, summary.productInfo.version, uuid
        Folder: name, parent
        HostSystem: name
        ResourcePool: name, parent
        VirtualApp: name, parent, parentFolder
    `,
  },
  {
    name: 'distributed switches and their port groups',
    query: `{ distributedSwitches(first: 1000) { nodes { portgroups(first: 1000) { nodes { name vlan { vlanId } } } } } }`,
    first: `
      CreateContainerView DistributedVirtualSwitch
      RetrievePropertiesEx
        DistributedVirtualSwitch: name, portgroup
        Network: name
      RetrievePropertiesEx
        DistributedVirtualPortgroup: config.defaultPortConfig
        Network:
    `,
    again: `
      RetrievePropertiesEx
        DistributedVirtualPortgroup: config.defaultPortConfig
        DistributedVirtualSwitch: name, portgroup
        Network: name
    `,
  },
  {
    name: 'a distributed switch by name',
    query: `{ distributedSwitch(by: { name: "dvs-fra" }) { uuid } }`,
    first: `
      CreateContainerView DistributedVirtualSwitch
      RetrievePropertiesEx
        DistributedVirtualSwitch: name
      RetrievePropertiesEx
        DistributedVirtualSwitch: uuid
    `,
  },
  {
    name: 'networks, their switches and VLANs',
    query: `{ networks(first: 1000) { nodes { kind isUplink portCount portgroupKey segmentId switch { name version } vlan { kind vlanId ranges } } } }`,
    first: `
      CreateContainerView Network
      RetrievePropertiesEx
        Network: name
      RetrievePropertiesEx
        DistributedVirtualPortgroup: config.defaultPortConfig, config.distributedVirtualSwitch, config.numPorts, config.segmentId, config.uplink, key
        DistributedVirtualSwitch: config.uplinkPortgroup, name, summary.productInfo.version
        Network:
        OpaqueNetwork: summary
    `,
    again: `
      RetrievePropertiesEx
        DistributedVirtualPortgroup: config.defaultPortConfig, config.distributedVirtualSwitch, config.numPorts, config.segmentId, config.uplink, key
        DistributedVirtualSwitch: config.uplinkPortgroup, name, summary.productInfo.version
        Network: name
        OpaqueNetwork: summary
    `,
  },
  {
    name: 'networks of a VLAN',
    query: `{ networks(first: 1000, filter: { vlan: { vlanId: { eq: 20 } } }) { nodes { name } } }`,
    first: `
      CreateContainerView Network
      RetrievePropertiesEx
        DistributedVirtualPortgroup: config.defaultPortConfig
        Network: name
    `,
  },
  {
    name: 'the product and hardware of hosts',
    query: `{ hosts(first: 1000) { nodes { uuid vendor model serialNumber version build fullName cpuModel cpuMhz cpuPackages cpuCores cpuThreads memory evcMode } } }`,
    first: `
      CreateContainerView HostSystem
      RetrievePropertiesEx
        HostSystem: name
      RetrievePropertiesEx
        HostSystem: hardware.systemInfo.serialNumber, summary.config.product.build, summary.config.product.fullName, summary.config.product.version, summary.currentEVCModeKey, summary.hardware.cpuMhz, summary.hardware.cpuModel, summary.hardware.memorySize, summary.hardware.model, summary.hardware.numCpuCores, summary.hardware.numCpuPkgs, summary.hardware.numCpuThreads, summary.hardware.otherIdentifyingInfo, summary.hardware.uuid, summary.hardware.vendor
    `,
    again: `
      RetrievePropertiesEx
        HostSystem: hardware.systemInfo.serialNumber, name, summary.config.product.build, summary.config.product.fullName, summary.config.product.version, summary.currentEVCModeKey, summary.hardware.cpuMhz, summary.hardware.cpuModel, summary.hardware.memorySize, summary.hardware.model, summary.hardware.numCpuCores, summary.hardware.numCpuPkgs, summary.hardware.numCpuThreads, summary.hardware.otherIdentifyingInfo, summary.hardware.uuid, summary.hardware.vendor
    `,
  },
  {
    name: 'the state of hosts',
    query: `{ hosts(first: 1000) { nodes { connectionState powerState inMaintenanceMode inQuarantineMode rebootRequired bootTime uptime } } }`,
    first: `
      CreateContainerView HostSystem
      RetrievePropertiesEx
        HostSystem: name
      RetrievePropertiesEx
        HostSystem: runtime.bootTime, runtime.connectionState, runtime.inMaintenanceMode, runtime.inQuarantineMode, runtime.powerState, summary.quickStats.uptime, summary.rebootRequired
    `,
    again: `
      RetrievePropertiesEx
        HostSystem: name, runtime.bootTime, runtime.connectionState, runtime.inMaintenanceMode, runtime.inQuarantineMode, runtime.powerState, summary.quickStats.uptime, summary.rebootRequired
    `,
  },
  {
    name: 'the network configuration of hosts',
    query: `{ hosts(first: 1000) { nodes { physicalNics { device driver macAddress speedMb } vmkernelAdapters { device dhcp ipAddress macAddress mtu portgroup subnetMask } standardPortgroups { name switchName vlanId } } } }`,
    first: `
      CreateContainerView HostSystem
      RetrievePropertiesEx
        HostSystem: name
      RetrievePropertiesEx
        HostSystem: config.network.pnic, config.network.portgroup, config.network.vnic
    `,
    again: `
      RetrievePropertiesEx
        HostSystem: config.network.pnic, config.network.portgroup, config.network.vnic, name
    `,
  },
  {
    name: 'the settings and size of clusters',
    query: `{ computeResources(first: 1000) { nodes { isCluster drsEnabled drsAutomation drsScore haEnabled haAdmissionControlEnabled vsanEnabled evcMode hostCount effectiveHostCount
      cpuCores cpuThreads totalCpu totalMemory effectiveCpu effectiveMemory } } }`,
    first: `
      CreateContainerView ComputeResource
      RetrievePropertiesEx
        ComputeResource: name
      RetrievePropertiesEx
        ClusterComputeResource: configuration.dasConfig.admissionControlEnabled, configuration.dasConfig.enabled, configuration.drsConfig.defaultVmBehavior, configuration.drsConfig.enabled, configurationEx, summary, summaryEx.currentEVCModeKey, summaryEx.drsScore
        ComputeResource: summary.effectiveCpu, summary.effectiveMemory, summary.numCpuCores, summary.numCpuThreads, summary.numEffectiveHosts, summary.numHosts, summary.totalCpu, summary.totalMemory
    `,
    again: `
      RetrievePropertiesEx
        ClusterComputeResource: configuration.dasConfig.admissionControlEnabled, configuration.dasConfig.enabled, configuration.drsConfig.defaultVmBehavior, configuration.drsConfig.enabled, configurationEx, summary, summaryEx.currentEVCModeKey, summaryEx.drsScore
        ComputeResource: name, summary.effectiveCpu, summary.effectiveMemory, summary.numCpuCores, summary.numCpuThreads, summary.numEffectiveHosts, summary.numHosts, summary.totalCpu, summary.totalMemory
    `,
  },
  {
    name: 'clusters, with a condition and an order',
    query: `{ clusters(filter: { haEnabled: { eq: true } }, orderBy: { field: TOTAL_CPU, direction: DESC }) { totalCount nodes { hostCount } } }`,
    first: `
      CreateContainerView ComputeResource
      RetrievePropertiesEx
        ClusterComputeResource: configuration.dasConfig.enabled
        ComputeResource: summary.totalCpu
      RetrievePropertiesEx
        ComputeResource: summary.numHosts
    `,
    again: `
      RetrievePropertiesEx
        ClusterComputeResource: configuration.dasConfig.enabled
        ComputeResource: summary.numHosts, summary.totalCpu
    `,
  },
  {
    name: 'the usage of clusters',
    query: `{ computeResources(first: 1000) { nodes { usage { cpuCapacity cpuDemand cpuReservation memoryCapacity memoryDemand memoryReservation } } } }`,
    first: `
      CreateContainerView ComputeResource
      RetrievePropertiesEx
        ComputeResource: name
      RetrievePropertiesEx
        ClusterComputeResource: summary, summaryEx.usageSummary
        ComputeResource:
    `,
    again: `
      RetrievePropertiesEx
        ClusterComputeResource: summary, summaryEx.usageSummary
        ComputeResource: name
    `,
  },
]

const attributesAndTags: Budget[] = [
  {
    name: 'custom attributes of virtual machines',
    query: `{ virtualMachines(first: 1000) { nodes { customAttributes { key value } } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: customValue
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: customValue, name
    `,
  },
  {
    name: 'custom attributes of virtual machines with their names',
    query: `{ virtualMachines(first: 1000) { nodes { customAttributes { name value } } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        CustomFieldsManager: field
        VirtualMachine: customValue
    `,
    again: `
      RetrievePropertiesEx
        CustomFieldsManager: field
        VirtualMachine: customValue, name
    `,
  },
  {
    name: 'custom attributes of all types',
    query: `{ datacenters { nodes { customAttributes { key value } } } folders { nodes { customAttributes { key value } } } hosts { nodes { customAttributes { key value } } } computeResources { nodes { customAttributes { key value } } } resourcePools { nodes { customAttributes { key value } } }
      datastores { nodes { customAttributes { key value } } } datastoreClusters { nodes { customAttributes { key value } } } networks { nodes { customAttributes { key value } } } distributedSwitches { nodes { customAttributes { key value } } } }`,
    first: `
      CreateContainerView Datacenter
      CreateContainerView Folder
      CreateContainerView HostSystem
      CreateContainerView ComputeResource
      CreateContainerView ResourcePool
      CreateContainerView Datastore
      CreateContainerView StoragePod
      CreateContainerView Network
      CreateContainerView DistributedVirtualSwitch
      RetrievePropertiesEx
        ComputeResource: name
        Datacenter: name
        Datastore: name
        DistributedVirtualSwitch: name
        Folder: name
        HostSystem: name
        Network: name
        ResourcePool: name
        StoragePod: name
      RetrievePropertiesEx
        ComputeResource: customValue
        Datacenter: customValue
        Datastore: customValue
        DistributedVirtualSwitch: customValue
        Folder: customValue
        HostSystem: customValue
        Network: customValue
        ResourcePool: customValue
        StoragePod: customValue
    `,
    again: `
      RetrievePropertiesEx
        ComputeResource: customValue, name
        Datacenter: customValue, name
        Datastore: customValue, name
        DistributedVirtualSwitch: customValue, name
        Folder: customValue, name
        HostSystem: customValue, name
        Network: customValue, name
        ResourcePool: customValue, name
        StoragePod: customValue, name
    `,
  },
  {
    name: 'virtual machines with a custom attribute',
    query: `{ virtualMachines(first: 1000, filter: { customAttributes: { some: { name: { eq: "Last Backup" }, value: { startsWith: "2026" } } } }) { nodes { name } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        CustomFieldsManager: field
        VirtualMachine: customValue, name
    `,
  },
  {
    name: 'the definitions of custom attributes',
    query: `{ vcenters { customAttributeDefinitions { key name managedObjectType } } }`,
    first: `
      RetrievePropertiesEx
        CustomFieldsManager: field
    `,
  },
  {
    name: 'virtual machines and their tags',
    query: `{ virtualMachines(first: 1000) { nodes { name tags { name description category { name cardinality } } } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      POST /api/session
      POST /api/cis/tagging/tag-association?action=list-attached-tags-on-objects
      GET /api/cis/tagging/tag/<Tag>
      GET /api/cis/tagging/category/<Category>
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: name
      POST /api/cis/tagging/tag-association?action=list-attached-tags-on-objects
    `,
  },
  {
    name: 'tags of all types',
    query: `{ datacenters { nodes { tags { name } } } folders { nodes { tags { name } } } hosts { nodes { tags { name } } } computeResources { nodes { tags { name } } } resourcePools { nodes { tags { name } } }
      datastores { nodes { tags { name } } } datastoreClusters { nodes { tags { name } } } networks { nodes { tags { name } } } distributedSwitches { nodes { tags { name } } } }`,
    first: `
      CreateContainerView Datacenter
      CreateContainerView Folder
      CreateContainerView HostSystem
      CreateContainerView ComputeResource
      CreateContainerView ResourcePool
      CreateContainerView Datastore
      CreateContainerView StoragePod
      CreateContainerView Network
      CreateContainerView DistributedVirtualSwitch
      RetrievePropertiesEx
        ComputeResource: name
        Datacenter: name
        Datastore: name
        DistributedVirtualSwitch: name
        Folder: name
        HostSystem: name
        Network: name
        ResourcePool: name
        StoragePod: name
      POST /api/session
      POST /api/cis/tagging/tag-association?action=list-attached-tags-on-objects
      GET /api/cis/tagging/tag/<Tag>
      GET /api/cis/tagging/category/<Category>
    `,
    again: `
      RetrievePropertiesEx
        ComputeResource: name
        Datacenter: name
        Datastore: name
        DistributedVirtualSwitch: name
        Folder: name
        HostSystem: name
        Network: name
        ResourcePool: name
        StoragePod: name
      POST /api/cis/tagging/tag-association?action=list-attached-tags-on-objects
    `,
  },
  {
    name: 'the tags and categories',
    query: `{ tags(first: 1000) { nodes { name description category { name } } } tagCategories(first: 1000) { nodes { name cardinality associableTypes tags { name } } } }`,
    first: `
      POST /api/session
      GET /api/cis/tagging/tag
      GET /api/cis/tagging/category
      GET /api/cis/tagging/tag/<Tag>
      GET /api/cis/tagging/category/<Category>
      POST /api/cis/tagging/tag/<Category>?action=list-tags-for-category
    `,
    again: `
      GET /api/cis/tagging/tag
      GET /api/cis/tagging/category
      POST /api/cis/tagging/tag/<Category>?action=list-tags-for-category
    `,
  },
  {
    name: 'virtual machines with a tag',
    query: `{ virtualMachines(first: 1000, filter: { tags: { some: { category: { name: { eq: "backup" } }, name: { eq: "daily" } } } }) { nodes { name } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      POST /api/session
      GET /api/cis/tagging/tag
      GET /api/cis/tagging/tag/<Tag>
      GET /api/cis/tagging/category/<Category>
      POST /api/cis/tagging/tag-association?action=list-attached-objects-on-tags
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: name
      GET /api/cis/tagging/tag
      POST /api/cis/tagging/tag-association?action=list-attached-objects-on-tags
    `,
  },
  {
    name: 'virtual machines without a tag',
    query: `{ virtualMachines(first: 1000, filter: { tags: { none: { category: { name: { eq: "backup" } } } } }) { nodes { name } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      POST /api/session
      GET /api/cis/tagging/tag
      GET /api/cis/tagging/tag/<Tag>
      GET /api/cis/tagging/category/<Category>
      POST /api/cis/tagging/tag-association?action=list-attached-objects-on-tags
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: name
      GET /api/cis/tagging/tag
      POST /api/cis/tagging/tag-association?action=list-attached-objects-on-tags
    `,
  },
]

describeBudgets([...machines, ...surroundings, ...attributesAndTags])
