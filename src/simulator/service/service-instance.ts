// ServiceInstance: the first object that every client calls.

import type { DataObject } from '../../soap/vim-types.ts'
import type { ServiceMethodTable } from './service-method.ts'

export const serviceInstanceMethods: ServiceMethodTable = {
  RetrieveServiceContent: ({ self }) => self.get('content') as DataObject<'ServiceContent'>,
  CurrentTime: ({ objects }) => objects.clock.now(),
}
