// VCenter: the vSphere server itself. All fields but `connected`, `error` and the definitions come from the login and
// cost no call.

import { builder } from '../builder.ts'
import { loadDefinitions } from '../core/custom-attributes.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { encodeVCenterId, vcenterIdType } from '../core/nodes/ids.ts'
import { registerNode } from '../core/nodes/node-registry.ts'
import { classifyError } from '../errors/classify-error.ts'
import type { RequestVCenter } from '../vcenters.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    VCenter: RequestVCenter
  }
}

const about = ({ session }: RequestVCenter) => session.lastLogin?.content.about

registerNode<RequestVCenter>({
  name: 'VCenter',
  managedTypes: [],
  resourceType: vcenterIdType,
  isTypeOf: (value) => 'session' in value,
  load: async (ids) => ids.map(({ vcenter }) => vcenter),
})

/** The pings of a request: its fields share one. */
const pings = new WeakMap<RequestVCenter, Promise<unknown>>()

/** Returns why a vCenter cannot be used now; undefined if it responds. */
function failureOf(vcenter: RequestVCenter): Promise<unknown> {
  const { session, callOptions } = vcenter
  const ping =
    pings.get(vcenter) ??
    session.ping(callOptions).then(
      () => undefined,
      (error: unknown) => error,
    )
  pings.set(vcenter, ping)
  return ping
}

builder.objectType('VCenter', {
  description:
    'A vCenter, or an ESXi host, that this gateway is connected to. vim25: `ServiceContent.about` (`AboutInfo`).',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description:
        'Global id, made from the name of the vCenter in the configuration of the gateway. It exists even if the vCenter was never reached.',
      resolve: encodeVCenterId,
    }),
    name: t.exposeString('name', {
      nullable: false,
      description: 'Name of the vCenter in the gateway’s configuration.',
    }),
    connected: t.boolean({
      nullable: false,
      description:
        'Whether it responds to the gateway now. Selecting it, or error, costs one call of `CurrentTime`.',
      resolve: async (vcenter) => (await failureOf(vcenter)) === undefined,
    }),
    error: t.field({
      type: 'ErrorInfo',
      description:
        'Why it cannot be used now. Null while it is connected. Selecting it, or connected, costs one call of `CurrentTime`.',
      resolve: async (vcenter) => {
        const failure = await failureOf(vcenter)
        return failure === undefined ? null : classifyError(failure)
      },
    }),
    user: t.string({
      description:
        'The user that the gateway acts as: the account of the gateway, or with --auth vsphere the caller. Source: `SessionManager.currentSession.userName`.',
      resolve: ({ session }) => session.lastLogin?.userName ?? null,
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
    description:
      'The vCenters that this gateway is configured for, also those that do not respond: see connected and error. Fields that come from the login are null until the first one.',
    resolve: async (_root, _args, { vcenters: { all } }) => {
      await Promise.all(
        all.map(({ session, callOptions }) =>
          session.ensureLogin(callOptions).catch(() => callOptions.signal?.throwIfAborted()),
        ),
      )
      return [...all]
    },
  }),
)
