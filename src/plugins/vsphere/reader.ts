// Reads single values out of properties, parameters and inputs, and refuses what does not fit as this plugin does.
import type { JsonObject } from '../../kernel/json.ts'
import { ValueReader } from '../contract/value-reader.ts'
import { badProperty } from './errors.ts'

/** @throws Fault `vsphere.bad_property` */
export class Reader extends ValueReader {
  constructor(values: JsonObject, path = '') {
    super(values, badProperty, path)
  }
}
