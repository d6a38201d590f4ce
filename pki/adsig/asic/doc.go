// Package asic makes and validates ASiC-E containers with CAdES signatures
// (ETSI EN 319 162-1): any files and their signatures in one ZIP file, which
// ordinary tools open.
//
//	mimetype                         what this is; first and not compressed
//	report.txt, scan.png …           the files
//	META-INF/ASiCManifest001.xml     which files, each with its hash
//	META-INF/signature001.p7s        a CAdES signature over that manifest
//	META-INF/ASiCArchiveManifest.xml hashes of all of these, for level B-LTA
//	META-INF/timestamp001.tst        a timestamp over that
//
// A signature signs a manifest, and the manifest the files; each further signature
// brings a manifest of its own. Files are read as they stream by, never into
// memory.
//
// A ZIP file tells what is in it twice: once before each file and once at its end.
// Programs believe one or the other, so that a signature could be seen to cover
// one file and a person be shown another. Open therefore wants both to say the
// same, and the file to be nothing but what they tell of: no gaps, nothing before
// or after, no name twice or pointing elsewhere, nothing encrypted.
package asic
