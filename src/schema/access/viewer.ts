// Query.viewer: who sent the operation, and with which role.

import { builder } from '../builder.ts'
import { noRequirements } from '../core/field-requirements.ts'
import type { Viewer } from './roles.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    Viewer: Viewer
  }
}

export const RoleType = builder.enumType('Role', {
  description: 'Roles of callers in the gateway. Each has the rights of those before it.',
  values: {
    READER: { description: 'Runs queries and subscriptions.' },
    POWER: { description: 'May also send the mutation changePower.' },
    OPERATOR: { description: 'May send every mutation.' },
  } as const,
})

builder.objectType('Viewer', {
  description:
    'The caller of the operation. With --auth vsphere every caller is an operator, and the vCenter alone decides what the caller may do.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description:
        'Name of the token, subject of the JSON Web Token, or name of the vCenter user. Null with --auth none.',
    }),
    role: t.expose('role', {
      type: RoleType,
      nullable: false,
      description: 'The role of the caller. READER with --read-only.',
    }),
  }),
})

builder.queryField('viewer', (t) =>
  t.field({
    ...noRequirements,
    type: 'Viewer',
    description: 'The caller of the operation. Costs no call.',
    resolve: (_root, _args, { viewer }) => viewer,
  }),
)
