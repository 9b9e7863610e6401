"""What macOS reads of the application: its documents, and what it may do."""


def info_plist(version: str) -> dict[str, object]:
    """The entries of `Info.plist` that PyInstaller does not write by itself."""
    return {
        "CFBundleExecutable": "compression-studio-window",
        "CFBundleDisplayName": "Compression Studio",
        "CFBundleShortVersionString": version,
        "LSMinimumSystemVersion": "14.0",  # of the wheels of Qt, ONNX Runtime and PyTorch
        "LSApplicationCategoryType": "public.app-category.developer-tools",
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,
        "CFBundleLocalizations": ["en", "zh_CN"],
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "ONNX model",
                "CFBundleTypeRole": "Editor",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": ["org.compression-studio.onnx"],
            }
        ],
        "UTImportedTypeDeclarations": [
            {
                "UTTypeIdentifier": "org.compression-studio.onnx",
                "UTTypeDescription": "ONNX model",
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {"public.filename-extension": ["onnx"]},
            }
        ],
    }
