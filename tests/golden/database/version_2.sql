-- A database of schema version 2 as that hashmatch wrote it: version_1.sql migrated, a video with
-- frames and facts, a record that joins two media, one withdrawn statement.
PRAGMA journal_mode = WAL;
PRAGMA application_id = 0x484D4442;
BEGIN TRANSACTION;
CREATE TABLE audit (
	seq INTEGER NOT NULL, 
	at VARCHAR NOT NULL, 
	actor TEXT NOT NULL, 
	action TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	details VARCHAR NOT NULL, 
	previous_digest BLOB NOT NULL, 
	digest BLOB NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "audit" VALUES(1,'2026-11-25T10:28:35.697607+00:00','tester','init',0,'{"schema_version":1}',X'0000000000000000000000000000000000000000000000000000000000000000',X'1D338C91835B3E3C34B769CEF424B54D311FA50F8359B37FA9C95C9F5EBD1D10');
INSERT INTO "audit" VALUES(2,'2026-11-25T10:28:35.711943+00:00','tester','import',1,'{"accepted":4,"added":4,"complete":false,"field_rejects":1,"file":null,"format":null,"ledger":{"done":4,"failed":0,"low_information":0,"reasons":[{"count":1,"outcome":"rejected","reason":"no usable hash"}],"rejected":1,"seen":5},"md5_conflicts":0,"merged":0,"not_matchable":1,"not_matchable_reasons":{"pdq: low quality":1},"reject_reasons":{"md5 length":1,"no usable hash":1},"rejected":1,"revision":1,"scheme":null,"seen":5,"snapshot_id":1,"source":"hotline","superseded":0,"unchanged":0,"warnings":{},"withdrawn":0}',X'1D338C91835B3E3C34B769CEF424B54D311FA50F8359B37FA9C95C9F5EBD1D10',X'C2AAB92D48FBD8C23B9CE83773AEE0B4CFD35EDB85C25F0AF9C1F05773E03101');
INSERT INTO "audit" VALUES(3,'2026-11-25T10:28:35.717386+00:00','tester','import',2,'{"accepted":1,"added":1,"complete":false,"field_rejects":0,"file":null,"format":null,"ledger":{"done":1,"failed":0,"low_information":0,"reasons":[],"rejected":0,"seen":1},"md5_conflicts":0,"merged":1,"not_matchable":0,"not_matchable_reasons":{},"reject_reasons":{},"rejected":0,"revision":2,"scheme":null,"seen":1,"snapshot_id":2,"source":"police","superseded":0,"unchanged":0,"warnings":{},"withdrawn":0}',X'C2AAB92D48FBD8C23B9CE83773AEE0B4CFD35EDB85C25F0AF9C1F05773E03101',X'B2078600F5B4583E011B9498B0A5C0D3FB30E8D17469A51FB475AFC110B2F311');
INSERT INTO "audit" VALUES(4,'2026-11-25T10:28:35.720576+00:00','tester','withdraw',3,'{"reason":"error","record_key":"gone","source":"hotline","withdrawn":1}',X'B2078600F5B4583E011B9498B0A5C0D3FB30E8D17469A51FB475AFC110B2F311',X'8B81AAB584B6D2CD892F7E19DCB7C254004085FD98E4EC063CFA4FCC0A7857D8');
INSERT INTO "audit" VALUES(5,'2026-11-25T14:20:09.347891+00:00','golden','import',4,'{"accepted":3,"added":3,"complete":false,"field_rejects":0,"file":null,"format":null,"incomplete":null,"known_conflicts":0,"ledger":{"done":3,"failed":0,"low_information":0,"reasons":[],"rejected":0,"seen":3},"md5_conflicts":1,"merged":0,"not_matchable":0,"not_matchable_reasons":{},"reject_reasons":{},"rejected":0,"rejects_file":null,"revision":4,"scheme":null,"seen":3,"snapshot_id":3,"source":"frames","superseded":0,"unchanged":0,"warnings":{},"withdrawn":0}',X'8B81AAB584B6D2CD892F7E19DCB7C254004085FD98E4EC063CFA4FCC0A7857D8',X'C5940781191BAC93B8891B95F34ABD22CD7342FD2FFAC40EB9145C772B07CD0F');
INSERT INTO "audit" VALUES(6,'2026-11-25T14:20:09.366263+00:00','golden','import',5,'{"accepted":1,"added":1,"complete":false,"field_rejects":0,"file":null,"format":null,"incomplete":null,"known_conflicts":0,"ledger":{"done":1,"failed":0,"low_information":0,"reasons":[],"rejected":0,"seen":1},"md5_conflicts":0,"merged":1,"not_matchable":0,"not_matchable_reasons":{},"reject_reasons":{},"rejected":0,"rejects_file":null,"revision":5,"scheme":null,"seen":1,"snapshot_id":4,"source":"joiner","superseded":0,"unchanged":0,"warnings":{},"withdrawn":0}',X'C5940781191BAC93B8891B95F34ABD22CD7342FD2FFAC40EB9145C772B07CD0F',X'D15B97FE087BCDAC54C67E6CC18E8C4523FCC304E2F27DA538916076E927CB71');
INSERT INTO "audit" VALUES(7,'2026-11-25T14:20:09.372335+00:00','golden','withdraw',6,'{"reason":null,"record_key":"x","source":"frames","withdrawn":1}',X'D15B97FE087BCDAC54C67E6CC18E8C4523FCC304E2F27DA538916076E927CB71',X'5A7467DE0C730FD282C71FCD8FD47C68F5B7D86C504BA0CDFE2EEBDCFA5D084C');
CREATE TABLE hash (
	id INTEGER NOT NULL, 
	opinion_id INTEGER NOT NULL, 
	algorithm VARCHAR NOT NULL, 
	value BLOB NOT NULL, 
	quality INTEGER, 
	matchable BOOLEAN NOT NULL, 
	reason VARCHAR, frame INTEGER, time_s DOUBLE, 
	PRIMARY KEY (id), 
	FOREIGN KEY(opinion_id) REFERENCES opinion (id)
);
INSERT INTO "hash" VALUES(1,1,'pdq',X'6ECB12C1D890BEDAB9412A4145569CCC09CA4D8FFDD1FC8BC0B4E52B5C856ABF',10,0,'low quality',NULL,NULL);
INSERT INTO "hash" VALUES(2,1,'pdq',X'829E840D9738D8CB2952CD374A645B36076BD26898DCFEEC9D4EB6A08EFA8C72',100,1,NULL,NULL,NULL);
INSERT INTO "hash" VALUES(3,2,'pdq',X'1A090A4677E1ED4596C4DB8AF9D3C8FFB4D65552B68AE0B1DD617F0418A8D3C4',NULL,1,NULL,NULL,NULL);
INSERT INTO "hash" VALUES(4,2,'pdq',X'B9DE30958DA7739D036CE8520CC674AFF52D749EE5226D124DB99A024F4109EF',90,1,NULL,NULL,NULL);
INSERT INTO "hash" VALUES(5,2,'photodna',X'FD3FEB3C9250B7974A9B528B69636321A461B55EF55B7BEAFD809A9A9E925B79A6342FA0FDB8B294D97FC6103D92089B25FA5E039F52A8E8A95F64D6589C1F7844066542EC38008D331DFD3B272416317694E2FE860397B774306378B5437D8A755622D6D7A0B48CB048F279829CAA652AF899A3E1F16BDC45CC8E26863D5F3B7F3A86A244B9D026843738DEB48D03ED',NULL,1,NULL,NULL,NULL);
INSERT INTO "hash" VALUES(6,6,'pdq',X'18A837E76903DCE0AFFDB2083D9D7623A0485AE7A1F004B0127E9B6E94F36D57',80,1,NULL,3,0.125);
INSERT INTO "hash" VALUES(7,6,'pdq',X'18A837E76903DCE0AFFDB2083D9D7623A0485AE7A1F004B0127E9B6E94F36D57',80,1,NULL,4,0.25);
CREATE TABLE media (
	id INTEGER NOT NULL, 
	md5 BLOB, 
	sha1 BLOB, 
	sha256 BLOB, 
	exact_key BLOB, 
	first_revision INTEGER NOT NULL, 
	merged_into INTEGER, 
	retired_revision INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(merged_into) REFERENCES media (id)
);
INSERT INTO "media" VALUES(1,NULL,NULL,NULL,X'4A4B793DAEEAEFCA09118D6F87EE45B1',1,NULL,NULL);
INSERT INTO "media" VALUES(2,X'477DAB6FC5DFF588410CD697ABD3D3E2',X'E9EFC060EC30F65A6C0EFB4FDCFE7AFE4E0817ED',X'19C6C8E27C6ED8BFBADAF431901F686AEEC138A7FA0E6926F89299D566EC82A1',NULL,1,NULL,NULL);
INSERT INTO "media" VALUES(3,NULL,NULL,X'B46810DED3E83B5609D177D2F08ADD35FE3035AFCE01C87DDAC02D146566C249',NULL,1,NULL,NULL);
INSERT INTO "media" VALUES(4,X'33C6D2613B77212F7AFDCBF8DA7C5E1C',NULL,NULL,NULL,1,NULL,3);
INSERT INTO "media" VALUES(5,NULL,NULL,X'19C6C8E27C6ED8BFBADAF431901F686AEEC138A7FA0E6926F89299D566EC82A1',NULL,4,2,5);
INSERT INTO "media" VALUES(6,X'42D8FA559D1FCCBECC063563089AE567',X'65E116958D22767EFB068D8419D57E880DE8498C',NULL,NULL,4,NULL,6);
INSERT INTO "media" VALUES(7,X'42D8FA559D1FCCBECC063563089AE567',X'9665A80DA5B58BD5E2CBB39682D84D8ABCEC0DFD',NULL,NULL,4,NULL,NULL);
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('revision','6');
INSERT INTO "meta" VALUES('schema_version','2');
INSERT INTO "meta" VALUES('audit_count','7');
INSERT INTO "meta" VALUES('audit_head','5a7467de0c730fd282c71fcd8fd47c68f5b7d86c504ba0cdfe2eebdcfa5d084c');
CREATE TABLE opinion (
	id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	record_key TEXT NOT NULL, 
	content_digest BLOB NOT NULL, 
	media_id INTEGER NOT NULL, 
	first_snapshot_id INTEGER NOT NULL, 
	last_snapshot_id INTEGER NOT NULL, 
	first_revision INTEGER NOT NULL, 
	withdrawn_revision INTEGER, 
	withdrawn_at VARCHAR, 
	withdrawn_reason VARCHAR, 
	stated_md5 BLOB, 
	stated_sha1 BLOB, 
	stated_sha256 BLOB, 
	kind VARCHAR NOT NULL, 
	mime TEXT, 
	size INTEGER, 
	scheme TEXT NOT NULL, 
	raw_category TEXT, 
	label VARCHAR NOT NULL, 
	baseline BOOLEAN, 
	victim_identified BOOLEAN, 
	offender_identified BOOLEAN, 
	distributed BOOLEAN, 
	self_generated BOOLEAN, 
	suspected BOOLEAN, 
	precategorized BOOLEAN, 
	file_available BOOLEAN, 
	submissions INTEGER, 
	series VARCHAR NOT NULL, 
	tags VARCHAR NOT NULL, 
	updated_raw TEXT, 
	extra VARCHAR NOT NULL, facts VARCHAR DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(source_id) REFERENCES source (id), 
	FOREIGN KEY(media_id) REFERENCES media (id), 
	FOREIGN KEY(first_snapshot_id) REFERENCES snapshot (id), 
	FOREIGN KEY(last_snapshot_id) REFERENCES snapshot (id)
);
INSERT INTO "opinion" VALUES(1,1,'b',X'A96127E29CA6393CC976DE3561526263',1,1,1,1,NULL,NULL,NULL,NULL,NULL,NULL,'unknown',NULL,NULL,'vics-us-current','1','csam',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[]',NULL,'{}','{}');
INSERT INTO "opinion" VALUES(2,1,'a',X'55F9AB8611655F4B2B969335ACC5340C',2,1,1,1,NULL,NULL,NULL,X'477DAB6FC5DFF588410CD697ABD3D3E2',X'E9EFC060EC30F65A6C0EFB4FDCFE7AFE4E0817ED',NULL,'video','video/mp4',7,'vics-us-current','1','csam',1,0,NULL,NULL,NULL,NULL,NULL,NULL,2,'["S, 1"]','["t", "u\u001a0000"]','2023-06-07','{"Vendor": "\"v\""}','{}');
INSERT INTO "opinion" VALUES(3,1,'c',X'84B34CD914CCE3BE3A31275A67364BB9',3,1,1,1,NULL,NULL,NULL,NULL,NULL,X'B46810DED3E83B5609D177D2F08ADD35FE3035AFCE01C87DDAC02D146566C249','unknown',NULL,NULL,'vics-us-current','1','known_ignorable',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[]',NULL,'{}','{}');
INSERT INTO "opinion" VALUES(4,1,'gone',X'97E21C5BA7395D81C3ED5E8B9DD7DA3F',4,1,1,1,3,'2026-11-25T10:28:35.719435+00:00','withdrawn',X'33C6D2613B77212F7AFDCBF8DA7C5E1C',NULL,NULL,'unknown',NULL,NULL,'vics-us-current','1','csam',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[]',NULL,'{}','{}');
INSERT INTO "opinion" VALUES(5,2,'k',X'A35130325B363BF9D3A728A68ACF6A3C',2,2,2,2,NULL,NULL,NULL,X'477DAB6FC5DFF588410CD697ABD3D3E2',NULL,NULL,'unknown',NULL,NULL,'vics-us-current','1','cgi',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[]',NULL,'{}','{}');
INSERT INTO "opinion" VALUES(6,3,'v',X'6D71CFF6D6F4ECFA41C393D318EAC76A',2,3,3,4,NULL,NULL,NULL,NULL,NULL,X'19C6C8E27C6ED8BFBADAF431901F686AEEC138A7FA0E6926F89299D566EC82A1','video',NULL,NULL,'vics-us-current','1','csam',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[]',NULL,'{}','{"age": "infant", "nature": "real"}');
INSERT INTO "opinion" VALUES(7,3,'w',X'45780A4176B3C21EC7250E7106D8444C',7,3,3,4,NULL,NULL,NULL,X'42D8FA559D1FCCBECC063563089AE567',X'9665A80DA5B58BD5E2CBB39682D84D8ABCEC0DFD',NULL,'unknown',NULL,NULL,'vics-us-current','1','csam',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[]',NULL,'{}','{}');
INSERT INTO "opinion" VALUES(8,3,'x',X'716D746D81D203FE12BC0E70F87A9FC3',6,3,3,4,6,'2026-11-25T14:20:09.371047+00:00','withdrawn',X'42D8FA559D1FCCBECC063563089AE567',X'65E116958D22767EFB068D8419D57E880DE8498C',NULL,'unknown',NULL,NULL,'vics-us-current','1','csam',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[]',NULL,'{}','{}');
INSERT INTO "opinion" VALUES(9,4,'j',X'38216D96E7B5BFABE11DDED1F900DE78',2,4,4,5,NULL,NULL,NULL,X'477DAB6FC5DFF588410CD697ABD3D3E2',X'E9EFC060EC30F65A6C0EFB4FDCFE7AFE4E0817ED',X'19C6C8E27C6ED8BFBADAF431901F686AEEC138A7FA0E6926F89299D566EC82A1','unknown',NULL,NULL,'vics-us-current','1','csam',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[]',NULL,'{}','{}');
CREATE TABLE reject (
	id INTEGER NOT NULL, 
	snapshot_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	record_key TEXT, 
	field TEXT, 
	reason TEXT NOT NULL, 
	raw TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(snapshot_id) REFERENCES snapshot (id)
);
INSERT INTO "reject" VALUES(1,1,3,'c','MD5','md5 length','12');
INSERT INTO "reject" VALUES(2,1,4,NULL,NULL,'no usable hash','x');
CREATE TABLE snapshot (
	id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	file_name TEXT, 
	file_sha256 BLOB, 
	size INTEGER, 
	format TEXT, 
	scheme TEXT, 
	actor TEXT NOT NULL, 
	imported_at VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	seen INTEGER NOT NULL, 
	accepted INTEGER NOT NULL, 
	added INTEGER NOT NULL, 
	unchanged INTEGER NOT NULL, 
	merged INTEGER NOT NULL, 
	rejected INTEGER NOT NULL, 
	superseded INTEGER NOT NULL, 
	withdrawn INTEGER NOT NULL, 
	tool_version VARCHAR NOT NULL, incomplete TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(source_id) REFERENCES source (id)
);
INSERT INTO "snapshot" VALUES(1,1,NULL,NULL,NULL,NULL,NULL,'tester','2026-11-25T10:28:35.704892+00:00',1,5,4,4,0,0,1,0,0,'0.1.0',NULL);
INSERT INTO "snapshot" VALUES(2,2,NULL,NULL,NULL,NULL,NULL,'tester','2026-11-25T10:28:35.714362+00:00',2,1,1,1,0,1,0,0,0,'0.1.0',NULL);
INSERT INTO "snapshot" VALUES(3,3,NULL,NULL,NULL,NULL,NULL,'golden','2026-11-25T14:20:09.330929+00:00',4,3,3,3,0,0,0,0,0,'0.1.0',NULL);
INSERT INTO "snapshot" VALUES(4,4,NULL,NULL,NULL,NULL,NULL,'golden','2026-11-25T14:20:09.355370+00:00',5,1,1,1,0,1,0,0,0,'0.1.0',NULL);
CREATE TABLE source (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	complete BOOLEAN NOT NULL, 
	first_revision INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "source" VALUES(1,'hotline',0,1);
INSERT INTO "source" VALUES(2,'police',0,2);
INSERT INTO "source" VALUES(3,'frames',0,4);
INSERT INTO "source" VALUES(4,'joiner',0,5);
CREATE INDEX media_sha256 ON media (sha256) WHERE sha256 IS NOT NULL AND retired_revision IS NULL;
CREATE INDEX media_sha1 ON media (sha1) WHERE sha1 IS NOT NULL AND retired_revision IS NULL;
CREATE INDEX media_md5 ON media (md5) WHERE md5 IS NOT NULL AND retired_revision IS NULL;
CREATE INDEX media_exact_key ON media (exact_key) WHERE exact_key IS NOT NULL AND retired_revision IS NULL;
CREATE INDEX opinion_media ON opinion (media_id) WHERE withdrawn_revision IS NULL;
CREATE UNIQUE INDEX opinion_statement ON opinion (source_id, record_key, content_digest) WHERE withdrawn_revision IS NULL;
CREATE INDEX opinion_withdrawn ON opinion (withdrawn_revision) WHERE withdrawn_revision IS NOT NULL;
CREATE INDEX reject_snapshot ON reject (snapshot_id);
CREATE INDEX hash_opinion ON hash (opinion_id);
CREATE INDEX opinion_known ON opinion (label, media_id) WHERE label = 'known_ignorable' AND withdrawn_revision IS NULL;
COMMIT;
