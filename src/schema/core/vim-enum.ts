// GraphQL enums of vim25 enums.

import { knownEnumValue } from '../../soap/type-registry.ts'
import type { EnumName, EnumValue } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'

interface VimEnumOptions<E extends EnumName> {
  readonly vimType: E
  readonly description: string
  /** The name and the description of each declared value. */
  readonly values: Readonly<Record<EnumValue<E>, readonly [name: string, description: string]>>
}

/**
 * Creates the GraphQL enum of a vim25 enum.
 *
 * @returns the options `type` and `decode` of a `t.vimProperty`; a value that is not declared is decoded as undefined
 */
export function vimEnum<E extends EnumName>(
  name: string,
  { vimType, description, values }: VimEnumOptions<E>,
) {
  const entries = Object.entries(values) as [EnumValue<E>, VimEnumOptions<E>['values'][EnumValue<E>]][]
  return {
    type: builder.enumType(name, {
      description: `${description} vim25: \`${vimType}\`.`,
      values: Object.fromEntries(
        entries.map(([value, [valueName, text]]) => [valueName, { value, description: text }]),
      ),
    }),
    decode: (value: string | undefined) => knownEnumValue(vimType, value),
  }
}
