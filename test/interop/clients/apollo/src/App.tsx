import { ApolloProvider } from '@apollo/client/react'
import { useState } from 'react'
import { client } from './client.ts'
import { MachineDetails } from './MachineDetails.tsx'
import { MachineTable } from './MachineTable.tsx'

export default function App() {
  const [selected, select] = useState<string>()
  return (
    <ApolloProvider client={client}>
      <MachineTable onSelect={select} />
      {selected && <MachineDetails id={selected} />}
    </ApolloProvider>
  )
}
