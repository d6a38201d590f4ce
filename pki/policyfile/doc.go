// Package policyfile reads what a site allows the judge from a file.
//
// A policy file is YAML. It names relaxations of the strict default and nothing
// else, so that an empty mapping, {}, is the strict default itself, and each
// line of a file is something that somebody decided to live with. Keys that the
// format does not have are errors with line and column: a misspelt relaxation
// would only be strict, but a misspelt limit would be none. The same goes for
// keys that stand twice, for a second document, and for values out of bounds.
//
//	name: counters of the town hall
//	allow-bac: true
//	allow-crl-age-days: 120
//	allow-countries:
//	  CHN: [HK, MO]
//	allow-algorithms:
//	  - {hash-bits: 160, rsa-bits: 1024, curve-bits: 160}
//	  - {from: 2020-01-01, hash-bits: 224, rsa-bits: 2048, curve-bits: 224}
//	allow-open: [revocation]
//
// Schema is the format's JSON Schema, for editors and for those who generate
// such files.
package policyfile
