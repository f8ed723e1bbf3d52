// VCenter: the server itself. Everything here is known from the login; nothing is retrieved.

import { builder } from '../builder.ts'
import type { VCenter } from '../context.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { encodeId } from '../core/ids.ts'

const about = ({ session }: VCenter) => session.lastLogin?.content.about

builder.objectType('VCenter', {
  description:
    'A vCenter (or an ESXi host) that this gateway stands in front of. vim25: ServiceContent.about.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'The global id, made from its instanceUuid.',
      resolve: (_vcenter, _, context) =>
        encodeId(context, { type: 'ServiceInstance', value: 'ServiceInstance' }),
    }),
    name: t.exposeString('name', {
      nullable: false,
      description: 'The name that it has in the gateway’s configuration.',
    }),
    connected: t.boolean({
      nullable: false,
      description: 'Whether it answers the gateway now, asked with CurrentTime.',
      resolve: ({ session }, _, { callOptions }) =>
        session.ping(callOptions).then(
          () => true,
          () => false,
        ),
    }),
    fullName: t.string({
      description: 'about.fullName: product, version and build.',
      resolve: (vcenter) => about(vcenter)?.fullName ?? null,
    }),
    version: t.string({
      description: 'about.version.',
      resolve: (vcenter) => about(vcenter)?.version ?? null,
    }),
    build: t.string({ description: 'about.build.', resolve: (vcenter) => about(vcenter)?.build ?? null }),
    apiVersion: t.string({
      description: 'about.apiVersion.',
      resolve: (vcenter) => about(vcenter)?.apiVersion ?? null,
    }),
    apiType: t.string({
      description: 'about.apiType: VirtualCenter, or HostAgent for an ESXi host.',
      resolve: (vcenter) => about(vcenter)?.apiType ?? null,
    }),
    instanceUuid: t.string({
      description: 'about.instanceUuid; an ESXi host may have none.',
      resolve: (vcenter) => about(vcenter)?.instanceUuid ?? null,
    }),
  }),
})

builder.queryField('vcenters', (t) =>
  t.field({
    ...noRequirements,
    type: ['VCenter'],
    nullable: { list: false, items: false },
    description: 'The vCenters that this gateway stands in front of.',
    resolve: async (_root, _args, { vcenter, callOptions }) => {
      // One that cannot be reached now is told as not connected. One that never was has no identity, and so no id to tell.
      await vcenter.session.ensureLogin(callOptions).catch((error) => {
        if (!vcenter.session.lastLogin) throw error
      })
      return [vcenter]
    },
  }),
)
