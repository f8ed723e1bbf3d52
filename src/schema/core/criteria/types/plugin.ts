// The Pothos plugin that derives filters, orders, groups and statistics: once all fields are declared, it reads their declarations and
// creates the types for every type with a connection, and for the types that their filters lead to.

import SchemaBuilder, { BasePlugin, type SchemaTypes } from '@pothos/core'
import { allConnectionTypes } from '../connection-registry.ts'
import { derivedFieldsOf } from '../derived-field.ts'
import { DerivedType, isDerivedType, registerDerivedType } from '../derived-types.ts'
import { derivePaths } from './derive-paths.ts'
import { FilterInputs } from './filter-inputs.ts'
import '../marks.ts'
import { addOrderInputs } from './order-inputs.ts'
import { addStatisticTypes } from './statistic-types.ts'

const pluginName = 'criteria'

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      criteria: Criteria<Types>
    }
  }
}

class Criteria<Types extends SchemaTypes> extends BasePlugin<Types> {
  override beforeBuild(): void {
    // Pothos does not document `onPrepare`: it calls back once it has collected the fields of all types, and before it builds them, so
    // that types can still be added. If that changes, the build of the schema fails, because arguments refer to types without fields.
    this.builder.configStore.onPrepare(() => this.#derive())
  }

  #derive(): void {
    const builder = this.builder as unknown as PothosSchemaTypes.SchemaBuilder<SchemaTypes>
    const connections = allConnectionTypes()
    // A second build of the same builder has the types already.
    if (connections.every(({ typeName }) => isDerivedType(typeName))) return
    const inputs = new FilterInputs(builder, (typeName) => {
      const type = new DerivedType(typeName, derivedFieldsOf(builder, typeName))
      registerDerivedType(type)
      return type
    })
    for (const { typeName } of connections) inputs.add(typeName)
    for (const { typeName } of connections) derivePaths(builder, typeName)
    for (const connection of connections) {
      addOrderInputs(builder, connection)
      if (connection.hasStatistics) addStatisticTypes(builder, connection)
    }
  }
}

SchemaBuilder.registerPlugin(pluginName, Criteria)
