// Fields of VirtualMachine that identify it and describe its origin: UUIDs, notes, file, extension and dates.

import { builder } from '../builder.ts'
import { knownDate, required } from '../core/units.ts'

const ManagedBy = builder
  .objectRef<{ readonly extensionKey: string; readonly type: string }>('ManagedBy')
  .implement({
    description:
      'The extension that manages an object. Such objects, for example the virtual machines of vSphere Cluster Services (vCLS), are not meant to be changed by users. vim25: `ManagedByInfo`.',
    fields: (t) => ({
      extensionKey: t.string({
        nullable: false,
        description:
          'Key of the extension. vCLS virtual machines have `com.vmware.vim.eam` with the type `cluster-agent`, or, in clusters with embedded vCLS (vSphere 8.0 U3 and later), `VirtualCenter` with the type `vcls-entity`. Source: `extensionKey`.',
        resolve: ({ extensionKey }) => required(extensionKey, 'an extension without a key'),
      }),
      type: t.string({
        nullable: false,
        description:
          'Type of the managed object, which the extension defines, such as `cluster-agent`. Source: `type`.',
        resolve: ({ type }) => required(type, 'a managed object without a type of its extension'),
      }),
    }),
  })

builder.objectFields('VirtualMachine', (t) => ({
  uuid: t.vimProperty('config.uuid', {
    derives: { only: 'filter' },
    type: 'String',
    description:
      'BIOS (SMBIOS) UUID. Copies of a virtual machine can share it. Source: `config.uuid`, otherwise `summary.config.uuid`.',
    fallback: 'summary.config.uuid',
  }),
  instanceUuid: t.vimProperty('config.instanceUuid', {
    derives: { only: 'filter' },
    type: 'String',
    description:
      'Instance UUID, unique within a vCenter. Source: `config.instanceUuid`, otherwise `summary.config.instanceUuid`.',
    fallback: 'summary.config.instanceUuid',
  }),
  template: t.vimProperty('config.template', {
    type: 'Boolean',
    description: 'Whether it is a template. Source: `config.template`, otherwise `summary.config.template`.',
    fallback: 'summary.config.template',
  }),
  annotation: t.vimProperty('config.annotation', {
    derives: { only: 'filter' },
    type: 'String',
    description:
      'Notes about the virtual machine. Source: `config.annotation`, otherwise `summary.config.annotation`.',
    fallback: 'summary.config.annotation',
  }),
  vmPathName: t.vimProperty('config.files.vmPathName', {
    derives: { only: 'filter' },
    type: 'String',
    description:
      'Path of its configuration file, such as "[datastore] folder/name.vmx". Source: `config.files.vmPathName`, otherwise `summary.config.vmPathName`.',
    fallback: 'summary.config.vmPathName',
  }),
  managedBy: t.vimProperty('summary.config.managedBy', {
    type: ManagedBy,
    description:
      'The extension that manages it, such as vSphere Cluster Services for vCLS virtual machines. Null for ordinary virtual machines: the filter `not: { managedBy: {} }` selects them. It also leaves out the virtual machines of other products, such as backup appliances; `ManagedBy.extensionKey` distinguishes them. Source: `summary.config.managedBy`.',
  }),
  createdAt: t.vimProperty('config.createDate', {
    type: 'DateTime',
    description:
      'When it was created. Null before vSphere 6.7, and for 1970-01-01, which vCenter reports for virtual machines that were created before. Source: `config.createDate`.',
    decode: knownDate,
  }),
  modifiedAt: t.vimProperty('config.modified', {
    type: 'DateTime',
    description:
      'When its configuration was last changed. Null for 1970-01-01, which vCenter reports for some virtual machines of its own. Source: `config.modified`.',
    decode: knownDate,
  }),
}))
