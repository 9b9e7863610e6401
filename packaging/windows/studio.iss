; Inno Setup 6: the installer for Windows, for one user, without administrator's rights.
;   iscc /DVersion=0.1.0 /DSize=base /DFolder=..\..\dist\base\compression-studio packaging\windows\studio.iss
; Uninstalling leaves what the user has made: settings, runs, presets and logs stay in the user's folders.

#define Name "Compression Studio"

[Setup]
AppId={{6E0B2A5C-6A7E-4B2B-9B64-3B0C6E3B7A51}
AppName={#Name}
AppVersion={#Version}
AppPublisher=The Compression Studio authors
DefaultDirName={autopf}\{#Name}
DefaultGroupName={#Name}
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
OutputBaseFilename=compression-studio-{#Version}-{#Size}-windows-x64
OutputDir=..\..\dist
Compression=lzma2/max
SolidCompression=yes
LicenseFile=..\..\LICENSE
SetupIconFile=studio.ico
UninstallDisplayIcon={app}\compression-studio-window.exe
ChangesAssociations=yes
ChangesEnvironment=yes
CloseApplications=yes
WizardStyle=modern

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "association"; Description: "Open .onnx files with {#Name}"
Name: "path"; Description: "Add the command compression-studio to the path"
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[InstallDelete]
; a module of an older version must not be found by a newer one, nor its licences be shown
Type: filesandordirs; Name: "{app}\_internal"
Type: filesandordirs; Name: "{app}\licences"

[Files]
Source: "{#Folder}\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\{#Name}"; Filename: "{app}\compression-studio-window.exe"
Name: "{autodesktop}\{#Name}"; Filename: "{app}\compression-studio-window.exe"; Tasks: desktopicon

[Registry]
Root: HKCU; Subkey: "Software\Classes\.onnx\OpenWithProgids"; ValueType: string; ValueName: "CompressionStudio.onnx"; ValueData: ""; Flags: uninsdeletevalue; Tasks: association
Root: HKCU; Subkey: "Software\Classes\CompressionStudio.onnx"; ValueType: string; ValueData: "ONNX model"; Flags: uninsdeletekey; Tasks: association
Root: HKCU; Subkey: "Software\Classes\CompressionStudio.onnx\DefaultIcon"; ValueType: string; ValueData: "{app}\compression-studio-window.exe,0"; Tasks: association
Root: HKCU; Subkey: "Software\Classes\CompressionStudio.onnx\shell\open\command"; ValueType: string; ValueData: """{app}\compression-studio-window.exe"" ""%1"""; Tasks: association
Root: HKCU; Subkey: "Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Check: NotOnPath; Tasks: path

[Run]
Filename: "{app}\compression-studio-window.exe"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent

[Code]
function Path: string;
begin
  if not RegQueryStringValue(HKCU, 'Environment', 'Path', Result) then
    Result := '';
end;

function NotOnPath: Boolean;
begin
  Result := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Path) + ';') = 0;
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Before, Entry: string;
begin
  if Step = usPostUninstall then
  begin
    Before := ';' + Path + ';';
    Entry := ';' + ExpandConstant('{app}') + ';';
    if StringChangeEx(Before, Entry, ';', True) > 0 then
      RegWriteExpandStringValue(HKCU, 'Environment', 'Path', Copy(Before, 2, Length(Before) - 2));
  end;
end;
