// The request and the response of a retrieval, under their names in vSphere.

import type { DataObject } from '../../soap/vim-types.ts'

export type PropertyFilterSpec = DataObject<'PropertyFilterSpec'>
export type ObjectContent = DataObject<'ObjectContent'>
