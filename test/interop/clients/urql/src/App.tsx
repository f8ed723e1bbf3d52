import { useState } from 'react'
import { Provider } from 'urql'
import { client } from './client.ts'
import { MachineDetails } from './MachineDetails.tsx'
import { MachineTable } from './MachineTable.tsx'

export default function App() {
  const [selected, select] = useState<string>()
  return (
    <Provider value={client}>
      <MachineTable onSelect={select} />
      {selected && <MachineDetails id={selected} />}
    </Provider>
  )
}
