import type { CodegenConfig } from '@graphql-codegen/cli'
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset'
import { codegenScalars } from 'vsphere-graphql/client'

const config: CodegenConfig = {
  schema: 'node_modules/vsphere-graphql/schema/schema.graphql',
  documents: 'src/**/*.tsx',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false, persistedDocuments: true },
      // The cache needs __typename in every object.
      documentTransforms: [addTypenameSelectionDocumentTransform],
      config: { scalars: codegenScalars, strictScalars: true, useTypeImports: true, enumsAsTypes: true },
    },
  },
}

export default config
