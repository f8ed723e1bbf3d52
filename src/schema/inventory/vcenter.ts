// VCenter: the vSphere server itself. All fields but `connected` and the definitions come from the login and
// cost no call.

import { builder } from '../builder.ts'
import { loadDefinitions } from '../core/custom-attributes.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { registerNode } from '../core/nodes/node-registry.ts'
import type { RequestVCenter } from '../vcenters.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    VCenter: RequestVCenter
  }
}

const serviceInstance = { type: 'ServiceInstance', value: 'ServiceInstance' } as const

const about = ({ session }: RequestVCenter) => session.lastLogin?.content.about

registerNode<RequestVCenter>({
  name: 'VCenter',
  managedTypes: ['ServiceInstance'],
  moid: serviceInstance.value,
  isTypeOf: (value) => 'session' in value,
  load: async (ids) => ids.map(({ vcenter }) => vcenter),
})

builder.objectType('VCenter', {
  description:
    'A vCenter, or an ESXi host, that this gateway is connected to. vim25: `ServiceContent.about` (`AboutInfo`).',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'Global id, made from the instanceUuid.',
      resolve: (vcenter) => encodeId(vcenter, serviceInstance),
    }),
    name: t.exposeString('name', {
      nullable: false,
      description: 'Name of the vCenter in the gateway’s configuration.',
    }),
    connected: t.boolean({
      nullable: false,
      description: 'Whether it responds to the gateway now. Selecting it costs one call of `CurrentTime`.',
      resolve: ({ session, callOptions }) =>
        session.ping(callOptions).then(
          () => true,
          () => false,
        ),
    }),
    fullName: t.string({
      description: 'Product name, version and build. Source: `about.fullName`.',
      resolve: (vcenter) => about(vcenter)?.fullName ?? null,
    }),
    version: t.string({
      description: 'Product version, such as `8.0.3`. Source: `about.version`.',
      resolve: (vcenter) => about(vcenter)?.version ?? null,
    }),
    build: t.string({
      description: 'Build number. Source: `about.build`.',
      resolve: (vcenter) => about(vcenter)?.build ?? null,
    }),
    apiVersion: t.string({
      description: 'Version of the vSphere API, such as `8.0.3.0`. Source: `about.apiVersion`.',
      resolve: (vcenter) => about(vcenter)?.apiVersion ?? null,
    }),
    apiType: t.string({
      description: '`VirtualCenter`, or `HostAgent` for an ESXi host. Source: `about.apiType`.',
      resolve: (vcenter) => about(vcenter)?.apiType ?? null,
    }),
    instanceUuid: t.string({
      description: 'UUID of the vCenter instance. An ESXi host may have none. Source: `about.instanceUuid`.',
      resolve: (vcenter) => about(vcenter)?.instanceUuid ?? null,
    }),
    customAttributeDefinitions: t.field({
      ...noRequirements,
      type: ['CustomAttributeDefinition'],
      description:
        'Custom attributes that objects can have. Empty on an ESXi host, which has none. Source: `CustomFieldsManager.field`.',
      resolve: async (vcenter) => [...(await loadDefinitions(vcenter))],
    }),
  }),
})

builder.queryField('vcenters', (t) =>
  t.field({
    ...noRequirements,
    type: ['VCenter'],
    nullable: { list: true, items: false },
    description: 'The vCenters that this gateway is configured for.',
    resolve: async (_root, _args, { vcenters: { all } }) => {
      // A vCenter that is unreachable now is reported as not connected. One that was never reached has no identity and so no id:
      // the field fails.
      await Promise.all(
        all.map(({ session, callOptions }) =>
          session.ensureLogin(callOptions).catch((error) => {
            if (!session.lastLogin) throw error
          }),
        ),
      )
      return [...all]
    },
  }),
)
